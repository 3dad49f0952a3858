// SPDX-License-Identifier: Apache-2.0
// What a session gives to those who use it, and how one follows another.
#include "tests/unit/sync/two_nodes.h"

namespace tandem::sync {
namespace {

constexpr std::size_t kA = TwoNodes::kA, kB = TwoNodes::kB;

class Established : public ::testing::Test {
 protected:
  Established() { EXPECT_TRUE(nodes.run_until_established(milliseconds{100})); }
  TwoNodes nodes;
};

TEST(Session, WithoutAPeerNothingIsSealedAndNothingOpened) {
  TwoNodes nodes, others;
  ASSERT_TRUE(others.run_until_established(milliseconds{100}));
  EXPECT_TRUE(nodes.sealed(kA, "x").empty());
  EXPECT_EQ(nodes.a().peer(), nullptr);
  EXPECT_EQ(nodes.heard_by(kA, others.sealed(kB, "x")), "!not_established");
}

TEST_F(Established, ADatagramArrivesWithItsLabelAndItsTextInPlace) {
  std::vector<std::uint8_t> datagram(64 + kSealBytes);
  const std::string text(64, 'r');
  std::copy(text.begin(), text.end(), datagram.begin() + sizeof(DatagramHeader));
  const Label label{worker_stream(3), Type::update, 2, 0x80, 118};
  ASSERT_EQ(nodes.a().seal(label, Bytes{datagram}.subspan(sizeof(DatagramHeader), 64), datagram), datagram.size());
  EXPECT_EQ(std::search(datagram.begin(), datagram.end(), text.begin(), text.begin() + 8), datagram.end()) << "nobody on the way reads it";
  const Opened opened = nodes.b().open(datagram, nodes.now);
  ASSERT_TRUE(opened.for_caller());
  EXPECT_EQ(opened.type, Type::update);
  EXPECT_EQ(opened.stream, worker_stream(3));
  EXPECT_EQ(opened.count, 2);
  EXPECT_EQ(opened.flags, 0x80);
  EXPECT_EQ(opened.generation, 118u);
  EXPECT_EQ(opened.sequence, 1u);
  EXPECT_EQ(opened.epoch, nodes.a().epoch());
  EXPECT_EQ(opened.payload.data(), datagram.data() + sizeof(DatagramHeader));
  EXPECT_EQ(std::string(opened.payload.begin(), opened.payload.end()), text);
}

TEST_F(Established, EachStreamCountsForItself) {
  for (std::size_t worker = 0; worker < kWorkerStreams; ++worker)
    EXPECT_EQ(nodes.heard_by(kB, nodes.sealed(kA, "w", {worker_stream(worker), Type::update})), "w") << worker;
  for (std::size_t path = 0; path < kHelloPaths; ++path)
    EXPECT_EQ(nodes.heard_by(kA, nodes.sealed(kB, "h", {hello_stream(path), Type::hello})), "h") << path;
  EXPECT_FALSE(is_stream(Stream{34}) || is_stream(Stream{63}) || is_stream(Stream{192}) || is_stream(Stream{254}));
}

TEST_F(Established, LateOnesAreTakenOnceWithinTheWindow) {
  std::vector<std::vector<std::uint8_t>> sealed;
  for (int i = 0; i < 1026; ++i) sealed.push_back(nodes.sealed(kA, std::to_string(i), {worker_stream(0), Type::update}));
  EXPECT_EQ(nodes.heard_by(kB, sealed[1025]), "1025");
  EXPECT_EQ(nodes.heard_by(kB, sealed[2]), "2");
  EXPECT_EQ(nodes.heard_by(kB, sealed[2]), "!replay");
  EXPECT_EQ(nodes.heard_by(kB, sealed[1]), "!replay") << "1024 behind";
  EXPECT_EQ(nodes.b().rejects().of(Reject::replay), 2u);
}

TEST_F(Established, ARestartedPeerIsANewSessionAndTheOldOneStaysUntilItCompleted) {
  const std::uint32_t old = nodes.a().epoch();
  nodes.restart(kB);
  nodes.fate = [](const Flight& flight) { return flight.type != Type::confirm; };
  nodes.run(milliseconds{1000});
  EXPECT_EQ(nodes.a().epoch(), old) << "asking is not proving";
  EXPECT_FALSE(nodes.b().established());
  nodes.fate = [](const Flight&) { return true; };
  nodes.run(milliseconds{400});
  ASSERT_TRUE(nodes.agree());
  EXPECT_NE(nodes.a().epoch(), old);
  EXPECT_EQ(nodes.a().peer()->node.boot_id, 2u) << "it forgot everything";
  nodes.expect_talk("after the restart");
}

TEST_F(Established, TheOldEpochIsReadForASecondAfterTheSwitch) {
  const auto early = nodes.sealed(kA, "early"), late = nodes.sealed(kA, "late");
  const auto before = nodes.sealed(kB, "before");
  PairKeys keys = make_keys(seeded(7));
  ASSERT_TRUE(add_key(keys, seeded(8)));
  nodes.b().use_keys(keys, nodes.now);
  ASSERT_TRUE(retire_key(keys, keys.send));
  nodes.a().use_keys(keys, nodes.now);
  const std::uint32_t old = nodes.a().epoch();
  nodes.step();
  ASSERT_TRUE(nodes.agree());
  ASSERT_NE(nodes.a().epoch(), old);
  EXPECT_EQ(nodes.heard_by(kB, early), "early");
  EXPECT_EQ(nodes.heard_by(kB, early), "!replay") << "its window is kept as well";
  EXPECT_EQ(nodes.heard_by(kA, before), "before");
  nodes.run(milliseconds{990});
  EXPECT_EQ(nodes.heard_by(kB, nodes.sealed(kA, "new")), "new");
  nodes.now = nodes.now + milliseconds{10};
  EXPECT_EQ(nodes.heard_by(kB, late), "!unknown_epoch");
}

// At every moment of a change of session, what one node seals the other opens: also while CONFIRM or READY is lost.
TEST_F(Established, AChangeOfSessionLosesNoDatagram) {
  for (const Type lost : {Type::hello, Type::confirm, Type::ready}) {
    PairKeys keys = make_keys(seeded(7));
    TwoNodes pair;
    ASSERT_TRUE(pair.run_until_established(milliseconds{100}));
    ASSERT_TRUE(add_key(keys, seeded(8)) && retire_key(keys, keys.send));
    PairKeys both = make_keys(seeded(7));
    ASSERT_TRUE(add_key(both, seeded(8)));
    pair.b().use_keys(both, pair.now), pair.a().use_keys(keys, pair.now);
    int left = 2;
    pair.fate = [&](const Flight& flight) { return flight.type != lost || left-- <= 0; };
    const std::uint32_t old = pair.a().epoch();
    for (int i = 0; i < 100; ++i) {
      pair.expect_talk(std::string{to_string(lost)} + " lost, step " + std::to_string(i));
      pair.step();
    }
    EXPECT_TRUE(pair.agree());
    EXPECT_NE(pair.a().epoch(), old);
  }
}

TEST(Epoch, ASequenceIsNeverUsedTwiceAndNonePastTheLast) {
  Epoch epoch{Secret{}, {}, Side::initiator, 1, kLastSequence - 1};
  std::vector<std::uint8_t> out(kSealBytes);
  const Label label{worker_stream(0), Type::update};
  EXPECT_FALSE(epoch.is_worn());
  EXPECT_EQ(epoch.seal(label, {}, out), kSealBytes);
  EXPECT_TRUE(epoch.is_worn()) << "a new session is due long before";
  EXPECT_EQ(epoch.seal(label, {}, out), kSealBytes);
  EXPECT_EQ(read_header(out)->sequence.host(), kLastSequence);
  EXPECT_EQ(epoch.seal(label, {}, out), 0u);
  EXPECT_EQ(epoch.seal(label, {}, out), 0u) << "and it stays so";
}

TEST(Epoch, EachDirectionAndEachStreamHasItsOwnKey) {
  Epoch from{Secret{}, {}, Side::initiator, 1}, twin{Secret{}, {}, Side::initiator, 1}, to{Secret{}, {}, Side::responder, 1};
  std::vector<std::uint8_t> out(kSealBytes);
  ASSERT_NE(from.seal({worker_stream(0), Type::update}, {}, out), 0u);
  EXPECT_EQ(twin.open(*read_header(out), out), Reject::authentication) << "one's own words come back as nobody's";
  auto header = *read_header(out);
  header.stream = static_cast<std::uint8_t>(worker_stream(1));
  auto moved = out;
  write_header(header, moved);
  EXPECT_EQ(to.open(header, moved), Reject::authentication);
  EXPECT_EQ(to.open(*read_header(out), out), Reject::none);
  // The same text by the same sequence: under one key the two would look alike, and tell both texts' difference.
  std::vector<std::uint8_t> one(32 + kSealBytes), other(32 + kSealBytes);
  const std::vector<std::uint8_t> text(32, 7);
  ASSERT_NE(from.seal({worker_stream(2), Type::update}, text, one), 0u);
  ASSERT_NE(from.seal({worker_stream(3), Type::update}, text, other), 0u);
  EXPECT_FALSE(std::equal(one.begin() + 24, one.begin() + 56, other.begin() + 24));
}

}  // namespace
}  // namespace tandem::sync
