// SPDX-License-Identifier: Apache-2.0
// Keys that change while the pair works, keys that do not agree, and nodes of two versions.
#include "tests/unit/sync/two_nodes.h"

namespace tandem::sync {
namespace {

constexpr std::size_t kA = TwoNodes::kA, kB = TwoNodes::kB;

PairKeys one_old() { return make_keys(seeded(7)); }
PairKeys both() {
  PairKeys keys = one_old();
  EXPECT_TRUE(add_key(keys, seeded(8)));
  return keys;
}
PairKeys both_sending_new() {
  PairKeys keys = both();
  keys.send = keys.keys[1].id;
  return keys;
}
PairKeys one_new() {
  PairKeys keys = both();
  EXPECT_TRUE(retire_key(keys, keys.send));
  return keys;
}
PairKeys strange() {
  PairKeys keys = one_old();
  Secret other = keys.keys[0].secret;
  other.writable()[0] ^= 1;
  keys.keys[0] = PairKey{keys.send, other};  // the same id: a file edited by hand
  return keys;
}

TEST(Rotation, TheWholeWayRoundNoWordIsLost) {
  TwoNodes nodes;
  ASSERT_TRUE(nodes.run_until_established(milliseconds{100}));
  const auto change = [&](std::size_t i, PairKeys keys, const char* what) {
    nodes.session(i).use_keys(std::move(keys), nodes.now);
    for (int step = 0; step < 50; ++step) {
      nodes.expect_talk(what);
      nodes.step();
      nodes.expect_talk(what);
    }
    EXPECT_EQ(nodes.a().key_state(nodes.now).kind, KeyState::Kind::agree) << what;
  };
  const std::uint32_t first = nodes.a().epoch();
  change(kA, both(), "added on a");
  change(kB, both(), "added on b");
  EXPECT_EQ(nodes.a().epoch(), first) << "the same key sends, so nothing was renewed";
  change(kB, one_new(), "retired on b");
  EXPECT_NE(nodes.a().epoch(), first);
  EXPECT_EQ(nodes.a().peer()->fingerprint, one_new().keys[0].fingerprint);
  change(kA, one_new(), "retired on a");
  nodes.restart(kA);
  EXPECT_FALSE(nodes.run_until_established(milliseconds{500})) << "it was started with the file of yesterday";
}

TEST(Rotation, NodesThatStartInTheMiddleOfItFindTheKeyThatBothHold) {
  const std::vector<PairKeys> states{one_old(), both(), both_sending_new(), one_new()};
  for (std::size_t i = 0; i < states.size(); ++i)
    for (std::size_t j = 0; j < states.size(); ++j) {
      TwoNodes nodes{1, states[i], states[j]};
      const bool share = !((i == 0 && j == 3) || (i == 3 && j == 0));
      EXPECT_EQ(nodes.run_until_established(milliseconds{1000}), share) << i << " and " << j;
      if (!share) continue;
      nodes.run(milliseconds{1000});
      EXPECT_TRUE(nodes.agree()) << i << " and " << j;
      nodes.expect_talk("with a key of both");
      EXPECT_EQ(nodes.a().key_state(nodes.now).kind, KeyState::Kind::agree);
      EXPECT_EQ(nodes.b().key_state(nodes.now).kind, KeyState::Kind::agree);
    }
}

TEST(Rotation, WhenOneIsAboutToRetireAKeyTheOtherLacksTheSessionStays) {
  TwoNodes nodes;
  ASSERT_TRUE(nodes.run_until_established(milliseconds{100}));
  nodes.a().use_keys(one_new(), nodes.now);  // before b has learnt it
  for (int step = 0; step < 300; ++step) {
    nodes.expect_talk("with the session there is");
    nodes.step();
  }
  EXPECT_LE(nodes.sent_of(Type::init), 2u + 10u) << "and a second later nobody asks any more";
  EXPECT_EQ(to_string(nodes.a().key_state(nodes.now)), "no word of the peer's key yet");
  EXPECT_GT(nodes.b().rejects().of(Reject::key_mismatch), 0u);
}

// The one that came back asks with a key that the other retired, but says that it holds the new one as well.
TEST(Rotation, WhoIsAskedByARetiredKeyAsksByTheNewOne) {
  TwoNodes nodes{1, one_new(), both()};
  ASSERT_TRUE(nodes.run_until_established(milliseconds{200}));
  nodes.restart(kB);
  EXPECT_TRUE(nodes.run_until_established(milliseconds{500}));
  EXPECT_GT(nodes.a().rejects().of(Reject::key_mismatch), 0u);
}

TEST(KeyMismatch, BothLogsSayWhichKeyTheOtherUses) {
  for (const PairKeys& other : {one_new(), strange()}) {
    TwoNodes nodes{1, one_old(), other};
    nodes.run(milliseconds{1000});
    EXPECT_FALSE(nodes.a().established() || nodes.b().established());
    const std::string a = to_string(one_old().keys[0].fingerprint), b = to_string(other.keys[0].fingerprint);
    EXPECT_EQ(to_string(nodes.a().key_state(nodes.now)), "peer uses " + b + ", we use " + a);
    EXPECT_EQ(to_string(nodes.b().key_state(nodes.now)), "peer uses " + a + ", we use " + b);
    EXPECT_EQ(nodes.a().rejects().of(Reject::key_mismatch), nodes.sent_of(Type::init) / 2);
    EXPECT_EQ(nodes.sent_of(Type::reply), 0u);
  }
}

TEST(KeyMismatch, APeerThatComesBackWithAnotherKeyIsToldThoughTheOldSessionStands) {
  TwoNodes nodes;
  ASSERT_TRUE(nodes.run_until_established(milliseconds{100}));
  nodes.keys(kB) = strange();
  nodes.restart(kB);
  nodes.run(milliseconds{1000});
  EXPECT_TRUE(nodes.a().established());
  EXPECT_EQ(nodes.a().key_state(nodes.now).kind, KeyState::Kind::mismatch);
}

TEST(KeyMismatch, AnotherPairOnTheSameLanIsNotOurs) {
  TwoNodes nodes{1, one_old(), make_keys(seeded(99))};
  nodes.run(milliseconds{1000});
  EXPECT_EQ(nodes.a().key_state(nodes.now).kind, KeyState::Kind::unknown) << "no alarm for strangers";
  EXPECT_EQ(nodes.a().rejects().of(Reject::other_cluster), 10u);
}

TEST(Versions, TheHighestCommonOneIsSpoken) {
  const std::pair<std::uint8_t, std::uint8_t> old{1, 1}, current{1, 2}, next{2, 3};
  const auto meet = [](auto ours, auto theirs) {
    TwoNodes nodes;
    nodes.versions[kA] = ours, nodes.versions[kB] = theirs;
    nodes.start(kA), nodes.start(kB);
    if (!nodes.run_until_established(milliseconds{500})) return 0;
    nodes.expect_talk("in the common version");
    EXPECT_EQ(nodes.a().peer()->version, nodes.b().peer()->version);
    return int{nodes.a().peer()->version};
  };
  EXPECT_EQ(meet(old, old), 1);
  EXPECT_EQ(meet(current, old), 1);
  EXPECT_EQ(meet(old, current), 1);
  EXPECT_EQ(meet(current, current), 2);
  EXPECT_EQ(meet(current, next), 2);
  EXPECT_EQ(meet(next, current), 2);
  EXPECT_EQ(meet(old, next), 0);
  EXPECT_EQ(meet(next, old), 0);
}

TEST(Versions, NoneInCommonIsNamedByBoth) {
  TwoNodes nodes;
  nodes.versions[kA] = {1, 1}, nodes.versions[kB] = {2, 3};
  nodes.start(kA), nodes.start(kB);
  nodes.run(milliseconds{500});
  EXPECT_EQ(to_string(nodes.a().version_state()), "peer speaks version 2 to 3, we speak 1");
  EXPECT_EQ(to_string(nodes.b().version_state()), "peer speaks version 1, we speak 2 to 3");
  EXPECT_GT(nodes.a().rejects().of(Reject::no_common_version), 0u);
}

}  // namespace
}  // namespace tandem::sync
