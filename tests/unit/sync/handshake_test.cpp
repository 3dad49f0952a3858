// SPDX-License-Identifier: Apache-2.0
// Two nodes come to a session: whoever begins, whatever is lost, late or doubled.
#include "tests/unit/sync/two_nodes.h"

namespace tandem::sync {
namespace {

constexpr std::size_t kA = TwoNodes::kA, kB = TwoNodes::kB;

TEST(Handshake, OneBeginsAndBothKnowWhomTheyTalkTo) {
  for (const std::size_t sleeper : {kA, kB}) {
    TwoNodes nodes;
    nodes.silent[sleeper] = true;
    nodes.step();
    ASSERT_TRUE(nodes.agree());
    EXPECT_EQ(nodes.sent.size(), 4u) << "INIT, REPLY, CONFIRM, READY";
    EXPECT_EQ(nodes.a().peer()->node.name, "lb-b");
    EXPECT_EQ(nodes.b().peer()->node.name, "lb-a");
    EXPECT_EQ(nodes.b().peer()->node.capacity, 1'000'000u);
    EXPECT_EQ(nodes.a().peer()->version, 1);
    EXPECT_EQ(nodes.a().key_state(nodes.now).kind, KeyState::Kind::agree);
    EXPECT_EQ(nodes.a().rejects().total() + nodes.b().rejects().total(), 0u);
    nodes.expect_talk("at once");
  }
}

TEST(Handshake, BothBeginAtOnceAndTheLowerNamesSessionStands) {
  TwoNodes nodes;
  nodes.step();
  ASSERT_TRUE(nodes.agree());
  EXPECT_EQ(nodes.a().rejects().of(Reject::crossing), 1u);
  EXPECT_EQ(nodes.sent_of(Type::reply), 1u);
  nodes.run(milliseconds{3000});
  EXPECT_EQ(nodes.sent.size(), 5u) << "two INITs, and then nothing more than one session needs";
  nodes.expect_talk("later");
}

// lb-a answered before it began itself, so both handshakes come as far as CONFIRM at the same time: one of them must yield.
TEST(Handshake, TwoThatCrossAtTheirEndLeaveOneSession) {
  TwoNodes nodes;
  std::vector<Flight> flying;
  nodes.fate = [&](const Flight& flight) { return flying.push_back(flight), false; };
  const auto arrive = [&](Type type, std::size_t at) {
    const auto found = std::find_if(flying.begin(), flying.end(), [&](const Flight& f) { return f.type == type && f.to == at; });
    ASSERT_NE(found, flying.end()) << to_string(type);
    const Flight flight = *found;
    flying.erase(found);
    nodes.hand_over(flight);
  };
  nodes.silent[kA] = true;
  nodes.step();
  arrive(Type::init, kA);
  nodes.silent[kA] = false;
  nodes.step();
  for (const auto& [type, at] : {std::pair{Type::init, kB}, {Type::reply, kB}, {Type::reply, kA}, {Type::confirm, kA}, {Type::confirm, kB}})
    arrive(type, at);
  EXPECT_EQ(nodes.a().rejects().of(Reject::crossing), 1u);
  EXPECT_FALSE(nodes.a().established());
  arrive(Type::ready, kA);
  ASSERT_TRUE(nodes.agree());
  nodes.expect_talk("at once");
}

TEST(Handshake, EachMessageMayBeLostThreeTimes) {
  for (const Type type : {Type::init, Type::reply, Type::confirm, Type::ready})
    for (const int losses : {1, 2, 3, 4})
      for (const bool both : {false, true}) {
        TwoNodes nodes;
        nodes.silent[kB] = !both;
        int left = losses;
        nodes.fate = [&](const Flight& flight) { return flight.type != type || left-- <= 0; };
        EXPECT_TRUE(nodes.run_until_established(milliseconds{1000})) << to_string(type) << " lost " << losses << " times";
        nodes.expect_talk("when nothing is lost any more");
      }
}

TEST(Handshake, AnswersThatComeOverSeveralPathsAreGivenOnce) {
  TwoNodes nodes;
  nodes.silent[kB] = true;
  nodes.fate = [&](const Flight& flight) {
    if (flight.type == Type::init)
      for (int path = 1; path < 4; ++path) nodes.heard_by(flight.to, flight.datagram);
    return true;
  };
  nodes.step();
  ASSERT_TRUE(nodes.agree());
  EXPECT_EQ(nodes.sent_of(Type::reply), 1u);
  EXPECT_EQ(nodes.b().rejects().of(Reject::stale_handshake), 3u);
}

TEST(Handshake, NobodyThereCostsTenInitsASecond) {
  TwoNodes nodes;
  nodes.fate = [](const Flight&) { return false; };
  nodes.run(milliseconds{10'000});
  EXPECT_EQ(nodes.sent_of(Type::init), 200u);
  EXPECT_EQ(nodes.sent.size(), 200u);
  EXPECT_FALSE(nodes.a().established());
}

// Every order and every loss among the first steps of two nodes that begin at once: decisions are counted through like digits.
class EveryOrder {
 public:
  std::size_t choose(std::size_t among) {
    if (place_ == digits_.size()) digits_.push_back({0, among});
    return digits_[place_++].value;
  }
  bool next() {
    place_ = 0;
    while (!digits_.empty() && ++digits_.back().value == digits_.back().among) digits_.pop_back();
    return !digits_.empty();
  }

 private:
  struct Digit {
    std::size_t value, among;
  };
  std::vector<Digit> digits_;
  std::size_t place_ = 0;
};

TEST(Handshake, EveryOrderAndLossOfTheFirstMessagesEndsInOneSession) {
  EveryOrder order;
  int runs = 0;
  do {
    TwoNodes nodes;
    std::vector<Flight> flying;
    nodes.fate = [&](const Flight& flight) { return flying.push_back(flight), false; };
    nodes.step();
    for (int i = 0; i < 5; ++i) {
      const std::size_t chosen = order.choose(2 * flying.size() + 1);
      if (chosen == 2 * flying.size()) {
        nodes.step(milliseconds{100});  // nothing arrives; both try again
        continue;
      }
      const Flight flight = flying[chosen / 2];
      flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(chosen / 2));
      if (chosen % 2 == 0) nodes.hand_over(flight);
    }
    nodes.fate = [](const Flight&) { return true; };
    for (const Flight& flight : flying) nodes.hand_over(flight);
    ASSERT_TRUE(nodes.agree() || nodes.run_until_established(milliseconds{1000})) << "run " << runs;
    nodes.run(milliseconds{500});
    ASSERT_TRUE(nodes.agree()) << "run " << runs;
    nodes.expect_talk("in the end");
    ++runs;
  } while (order.next() && !testing::Test::HasFailure());
  EXPECT_GT(runs, 1000);
}

TEST(Handshake, ALossyLateAndDoublingNetworkStillEndsInOneSession) {
  for (std::uint64_t seed = 0; seed < 500 && !testing::Test::HasFailure(); ++seed) {
    std::mt19937_64 random{seed};
    TwoNodes nodes{seed};
    nodes.delay = [&] { return milliseconds{random() % 80}; };
    nodes.fate = [&](const Flight& flight) {
      if (random() % 5 == 0) nodes.heard_by(flight.to, flight.datagram);
      return random() % 3 != 0;
    };
    for (int restarts = 0; restarts < 3; ++restarts) {
      nodes.run(milliseconds{random() % 700});
      nodes.restart(random() % 2);
    }
    nodes.fate = [](const Flight&) { return true; };
    ASSERT_TRUE(nodes.run_until_established(milliseconds{5000})) << "seed " << seed;
    nodes.run(milliseconds{2000});
    ASSERT_TRUE(nodes.agree()) << "seed " << seed;
    nodes.expect_talk("in the end");
    const std::size_t sent = nodes.sent.size();
    nodes.run(milliseconds{2000});
    EXPECT_EQ(nodes.sent.size(), sent) << "seed " << seed << ": nothing is said twice once it is understood";
  }
}

}  // namespace
}  // namespace tandem::sync
