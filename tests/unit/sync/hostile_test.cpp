// SPDX-License-Identifier: Apache-2.0
// Somebody between the nodes who reads all, changes, repeats and invents what he likes, and lacks the key.
#include "controlplane/sync/handshake_message.h"
#include "tests/unit/sync/two_nodes.h"

namespace tandem::sync {
namespace {

constexpr std::size_t kA = TwoNodes::kA, kB = TwoNodes::kB;
constexpr int kTries = 100'000;

class Hostile : public ::testing::Test {
 protected:
  Hostile() { EXPECT_TRUE(nodes.run_until_established(milliseconds{100})); }
  std::uint64_t rejects(Reject reject) { return nodes.b().rejects().of(reject); }

  TwoNodes nodes;
  std::mt19937_64 random{5};
};

// What a datagram with these header bytes must be refused for, when its tag does not fit.
Reject due(const DatagramHeader& header, const TwoNodes& nodes, const ReplayWindow& seen) {
  const std::optional<Type> type = read_type(header.type);
  if (!type) return Reject::unknown_type;
  if (is_in_clear(*type)) return Reject::short_datagram;
  if (header.epoch.host() != nodes.b().epoch()) return Reject::unknown_epoch;
  if (header.version != 1) return Reject::version;
  if (!is_stream(Stream{header.stream})) return Reject::unknown_stream;
  const bool known_stream = Stream{header.stream} == worker_stream(1);  // the others' windows are empty
  if (header.sequence.host() == 0 || (known_stream && !seen.is_new(header.sequence.host()))) return Reject::replay;
  return Reject::authentication;
}

TEST_F(Hostile, OfAHundredThousandFlippedDatagramsNoneIsTakenAndEachIsNamed) {
  const RejectCounts before = nodes.b().rejects();
  RejectCounts expected;
  ReplayWindow seen;
  for (int i = 0; i < kTries; ++i) {
    auto datagram = nodes.sealed(kA, "sixteen bytes ok", {worker_stream(1), Type::update});
    for (std::uint64_t flips = 1 + random() % 2; flips > 0; --flips) {
      const std::size_t bit = random() % (datagram.size() * 8);
      datagram[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    if (nodes.b().open(datagram, nodes.now).reject == Reject::none) {  // the same bit twice
      expected.add(Reject::none);
      seen.mark(read_header(datagram)->sequence.host());
      continue;
    }
    expected.add(due(*read_header(datagram), nodes, seen));
  }
  for (std::size_t i = 1; i < static_cast<std::size_t>(Reject::count_); ++i) {
    const Reject reject{static_cast<std::uint8_t>(i)};
    EXPECT_EQ(rejects(reject) - before.of(reject), expected.of(reject)) << to_string(reject);
  }
  EXPECT_GT(expected.of(Reject::authentication), 50'000u);
  EXPECT_LT(expected.of(Reject::none), 500u);
}

TEST_F(Hostile, OfAHundredThousandInventedDatagramsNoneIsTaken) {
  for (int i = 0; i < kTries; ++i) {
    std::vector<std::uint8_t> datagram(random() % 300);
    for (std::uint8_t& byte : datagram) byte = static_cast<std::uint8_t>(random());
    if (datagram.size() >= sizeof(DatagramHeader)) {
      DatagramHeader header = *read_header(datagram);
      header.version = static_cast<std::uint8_t>(random() % 2), header.type = static_cast<std::uint8_t>(random() % 16);
      if (random() % 2 == 0) header.epoch = Be32{nodes.b().epoch()};
      write_header(header, datagram);
    }
    ASSERT_NE(nodes.b().open(datagram, nodes.now).reject, Reject::none);
  }
  EXPECT_EQ(nodes.b().take_outgoing().size(), 0u);
  nodes.expect_talk("afterwards");
}

TEST_F(Hostile, AHundredThousandReplaysAreReplays) {
  std::vector<std::vector<std::uint8_t>> recorded;
  for (int i = 0; i < 2000; ++i) recorded.push_back(nodes.sealed(kA, "x", {worker_stream(0), Type::update}));
  for (const auto& datagram : recorded) ASSERT_EQ(nodes.heard_by(kB, datagram), "x");
  for (int i = 0; i < kTries; ++i) ASSERT_EQ(nodes.heard_by(kB, recorded[random() % recorded.size()]), "!replay");
  EXPECT_EQ(rejects(Reject::replay), static_cast<std::uint64_t>(kTries));
}

TEST_F(Hostile, OnesOwnWordsComeBackAsNobodys) {
  EXPECT_EQ(nodes.heard_by(kA, nodes.sealed(kA, "x", {hello_stream(0), Type::hello})), "!authentication");
  for (const Flight& flight : nodes.sent)
    if (is_in_clear(flight.type)) {
      EXPECT_EQ(nodes.hand_over({1 - flight.to, flight.type, flight.datagram, {}}).reject, Reject::own_name) << to_string(flight.type);
    }
}

// Everything that two sessions and a restart have seen, in any order, again and again: a replayed INIT costs one REPLY.
TEST_F(Hostile, RecordedHandshakesChangeNothing) {
  nodes.restart(kB);
  ASSERT_TRUE(nodes.run_until_established(milliseconds{500}));
  nodes.restart(kA);
  ASSERT_TRUE(nodes.run_until_established(milliseconds{500}));
  const std::vector<Flight> recorded = nodes.sent;
  const std::uint32_t epoch = nodes.a().epoch();
  const std::size_t answers_before = nodes.sent_of(Type::reply) + nodes.sent_of(Type::ready);
  nodes.fate = [](const Flight&) { return false; };  // whoever replays keeps the answers away, too
  for (int i = 0; i < 20'000; ++i) {
    nodes.now = nodes.now + std::chrono::microseconds{100};
    nodes.hand_over(recorded[random() % recorded.size()]);
    if (i % 100 == 0) nodes.expect_talk("meanwhile");
  }
  EXPECT_EQ(nodes.a().epoch(), epoch);
  EXPECT_EQ(nodes.b().epoch(), epoch);
  EXPECT_LE(nodes.sent_of(Type::reply) + nodes.sent_of(Type::ready) - answers_before, 2u * 2u * 30u) << "ten a second, ten at once";
  EXPECT_EQ(nodes.sent_of(Type::confirm), static_cast<std::size_t>(std::count_if(recorded.begin(), recorded.end(),
                                                                                 [](const Flight& f) { return f.type == Type::confirm; })));
}

// Between nodes that never restarted, where only the responder's own secret tells yesterday's CONFIRM from today's.
TEST_F(Hostile, TheConfirmOfAnEarlierSessionDoesNotBringItBack) {
  PairKeys keys = make_keys(seeded(7));
  ASSERT_TRUE(add_key(keys, seeded(8)));
  for (const std::size_t sender : {1u, 0u, 1u}) {
    nodes.b().use_keys(keys, nodes.now);
    keys.send = keys.keys[sender].id;
    nodes.a().use_keys(keys, nodes.now);
    nodes.step();
    nodes.run(milliseconds{300});
    ASSERT_TRUE(nodes.agree());
  }
  const std::uint32_t epoch = nodes.b().epoch();
  const std::vector<Flight> recorded = nodes.sent;
  for (const Flight& flight : recorded) {
    if (flight.type == Type::confirm) {
      EXPECT_EQ(nodes.hand_over(flight).reject, Reject::stale_handshake);
    }
  }
  EXPECT_EQ(nodes.b().epoch(), epoch);
  nodes.expect_talk("afterwards");
}

TEST_F(Hostile, AForgedReplyIsNotBelievedAndDoesNotSpoilTheTrueOne) {
  TwoNodes fresh;
  fresh.silent[kB] = true;
  std::vector<Flight> held;
  fresh.fate = [&](const Flight& flight) { return held.push_back(flight), false; };
  fresh.step();
  ASSERT_EQ(held.size(), 1u);
  fresh.hand_over(held[0]);
  ASSERT_EQ(held.size(), 2u);
  const auto truth = read_message(held[1].datagram);
  ASSERT_TRUE(truth);
  Secret guessed;
  EXPECT_EQ(fresh.hand_over({kA, Type::reply, write_message(Type::reply, *truth, guessed), {}}).reject, Reject::authentication);
  EXPECT_EQ(fresh.hand_over(held[1]).reject, Reject::none);
}

TEST_F(Hostile, AFlippedHandshakeMessageIsNeverAnswered) {
  TwoNodes fresh;
  fresh.silent[kB] = true;
  std::vector<Flight> seen;
  fresh.fate = [&](const Flight& flight) { return seen.push_back(flight), true; };
  fresh.step();
  ASSERT_EQ(seen.size(), 4u);
  for (int i = 0; i < kTries / 10; ++i) {
    Flight flight = seen[random() % 3];
    const std::size_t bit = random() % (flight.datagram.size() * 8);
    flight.datagram[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const std::uint32_t epoch = fresh.session(flight.to).epoch();
    ASSERT_NE(fresh.session(flight.to).open(flight.datagram, fresh.now).reject, Reject::none) << to_string(flight.type) << " bit " << bit;
    ASSERT_EQ(fresh.session(flight.to).epoch(), epoch);
    // A flip may make it a datagram of a strange epoch, and those may make a node ask for itself.
    for (const Outgoing& said : fresh.session(flight.to).take_outgoing()) ASSERT_EQ(said.type, Type::init);
    fresh.now = fresh.now + milliseconds{1};
  }
}

TEST_F(Hostile, StrangeEpochsMakeNobodyAskWhileThePeerIsHeard) {
  TwoNodes others{77, make_keys(seeded(3)), make_keys(seeded(3))};
  ASSERT_TRUE(others.run_until_established(milliseconds{100}));
  const std::size_t inits = nodes.sent_of(Type::init);
  const std::uint32_t epoch = nodes.b().epoch();
  for (int i = 0; i < 2000; ++i) {
    nodes.now = nodes.now + milliseconds{1};
    EXPECT_EQ(nodes.heard_by(kB, others.sealed(kA, "x")), "!unknown_epoch");
    if (i % 50 == 0) nodes.expect_talk("all the while"), nodes.step(milliseconds{});
  }
  EXPECT_EQ(nodes.sent_of(Type::init), inits);
  EXPECT_EQ(nodes.b().epoch(), epoch);
}

TEST_F(Hostile, StrangeEpochsMakeOneAskTenTimesASecondWhenThePeerIsNotHeard) {
  TwoNodes others{77, make_keys(seeded(3)), make_keys(seeded(3))};
  ASSERT_TRUE(others.run_until_established(milliseconds{100}));
  nodes.fate = [](const Flight&) { return false; };
  const std::size_t inits = nodes.sent_of(Type::init);
  const std::uint32_t epoch = nodes.b().epoch();
  for (int i = 0; i < 5000; ++i) {
    nodes.step(milliseconds{1});
    EXPECT_EQ(nodes.heard_by(kB, others.sealed(kA, "x")), "!unknown_epoch");
  }
  EXPECT_LE(nodes.sent_of(Type::init) - inits, 50u);
  EXPECT_GE(nodes.sent_of(Type::init) - inits, 40u);
  EXPECT_EQ(nodes.b().epoch(), epoch) << "and the session stays";
}

// Somebody with the key, even: a peer gone mad.
TEST_F(Hostile, AThousandInitsInASecondAreAnsweredTenTimesAndTenAtOnce) {
  const PairKeys keys = make_keys(seeded(7));
  for (int i = 0; i < 1000; ++i) {
    HandshakeBody body = introduce(node("lb-a", 9), keys, keys.sending());
    seeded(static_cast<std::uint64_t>(i))(body.initiator_nonce);
    auto datagram = write_message(Type::init, body, keys.sending().proof);
    nodes.b().open(datagram, nodes.now);
    nodes.now = nodes.now + milliseconds{1};
  }
  EXPECT_LE(nodes.b().take_outgoing().size(), 20u);
  EXPECT_GE(rejects(Reject::rate_limited), 980u);
  nodes.expect_talk("afterwards");
}

// An INIT that claims, unproved, to come from somebody who lacks the key in use must not make the nodes renew their session.
TEST_F(Hostile, AForgedClaimOfOtherKeysChangesNothing) {
  const PairKeys keys = make_keys(seeded(7));
  const std::size_t sent = nodes.sent.size();
  for (int i = 0; i < 100; ++i) {
    nodes.step();
    nodes.expect_talk("all the while");
    HandshakeBody body = introduce(node("lb-a", 9), keys, keys.sending());
    body.other_key = std::exchange(body.key, KeyClaim{Be16{0x1234}, Be16{0x5678}});
    nodes.hand_over({kB, Type::init, write_message(Type::init, body, Secret{}), {}});
  }
  EXPECT_EQ(rejects(Reject::key_mismatch), 100u);
  EXPECT_EQ(nodes.sent.size(), sent);
  EXPECT_EQ(nodes.b().key_state(nodes.now).kind, KeyState::Kind::agree);
}

}  // namespace
}  // namespace tandem::sync
