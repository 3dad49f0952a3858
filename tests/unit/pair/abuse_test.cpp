// SPDX-License-Identifier: Apache-2.0
// True datagrams of a pair, come again: bent in every bit, cut, on other streams, to their own sender, out of a session that is
// over. Each is refused for the reason that was foretold, and neither roles nor connections know of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/pair/captured_pair.h"

namespace tandem::pair {
namespace {

constexpr int kAtLeast = 100'000;

class Abuse : public ::testing::Test {
 protected:
  Abuse() {
    pair.run(6s);
    pair.open_connections();
    pair.run(1s);
    pair.restart(1);  // what was seen until now is of a session that is over
    pair.run(15s);
    before = state();
    for (std::size_t n = 0; n < 2; ++n) expected[n] = pair.refused(n);
  }

  struct State {
    std::string roles;
    std::array<std::map<std::uint16_t, SyncRecord>, 2> tables;
    std::array<std::uint32_t, 2> epochs{};
    std::array<std::size_t, 2> notices{};
    friend bool operator==(const State&, const State&) = default;
  };
  State state() {
    State out;
    for (std::size_t n = 0; n < 2; ++n) {
      for (std::size_t g = 0; g < kGroups; ++g) out.roles += ha::serves(pair.half(n).machine().groups()[g].role()) ? 'A' : 'S';
      out.tables[n] = pair.node(n).table->table(), out.epochs[n] = pair.half(n).session()->epoch();
      out.notices[n] = pair.node(n).notices.size();
    }
    return out;
  }

  void abuse(std::size_t node, std::vector<std::uint8_t> datagram) {
    const sync::Reject reject = pair.due(node, datagram);
    ++expected[node][std::string{to_string(reject)}], ++met[reject], ++thrown;
    pair.throw_at(node, std::move(datagram));
    if (thrown % 200 == 0) pair.run(1ms);  // and life goes on
  }

  const Capture& last_of(sync::Type type) {
    return *std::find_if(pair.captures.rbegin(), pair.captures.rend(), [&](const Capture& one) { return one.type == type; });
  }
  const Capture& any() { return pair.captures[random() % pair.captures.size()]; }

  CapturedPair pair;
  State before;
  std::array<std::map<std::string, std::uint64_t>, 2> expected;
  std::map<sync::Reject, int> met;
  int thrown = 0;
  std::mt19937_64 random{11};
};

TEST_F(Abuse, OfAHundredThousandEachIsRefusedByNameAndNothingMoves) {
  ASSERT_EQ(before.roles, "ASSA");
  ASSERT_EQ(before.tables[0].size(), CapturedPair::kConnections);
  ASSERT_EQ(before.tables[0], before.tables[1]);

  for (const sync::Type type : {sync::Type::hello, sync::Type::update, sync::Type::ack}) {
    const Capture whole = last_of(type);
    for (std::size_t bit = 0; bit < whole.datagram.size() * 8; ++bit) {
      auto bent = whole.datagram;
      bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1 << bit % 8));
      abuse(whole.to, std::move(bent));
    }
    for (std::size_t bytes = 0; bytes < whole.datagram.size(); ++bytes)
      abuse(whole.to, {whole.datagram.begin(), whole.datagram.begin() + static_cast<std::ptrdiff_t>(bytes)});
  }
  while (thrown < kAtLeast) {
    const Capture one = any();
    auto strayed = one.datagram;
    strayed[offsetof(sync::DatagramHeader, stream)] = any().datagram[offsetof(sync::DatagramHeader, stream)];
    abuse(one.to, one.datagram);        // again, within its session or after it
    abuse(1 - one.to, one.datagram);    // to who said it
    abuse(one.to, std::move(strayed));  // as if of another stream
  }
  for (std::size_t n = 0; n < 2; ++n) EXPECT_EQ(pair.refused(n), expected[n]) << "node " << n;
  EXPECT_EQ(state(), before);
  for (const sync::Reject reject :
       {sync::Reject::authentication, sync::Reject::replay, sync::Reject::unknown_epoch, sync::Reject::short_datagram,
        sync::Reject::version, sync::Reject::unknown_type, sync::Reject::unknown_stream})
    EXPECT_GT(met[reject], 0) << to_string(reject) << ": expected the throng to meet every reason";
}

// The control: what comes for the first time is taken, and it moves what the test above saw unmoved.
TEST_F(Abuse, WhatTheOtherNodeSaysItselfIsTaken) {
  pair.node(0).table->close(1);
  pair.run(100ms);
  EXPECT_NE(state(), before);
  EXPECT_FALSE(pair.node(1).table->table().contains(1));
  for (std::size_t n = 0; n < 2; ++n) EXPECT_EQ(pair.refused(n), expected[n]) << "node " << n;
}

}  // namespace
}  // namespace tandem::pair
