// SPDX-License-Identifier: Apache-2.0
// Four workers and one queue: worker 0 receives everything. Each connection is forwarded by its owner all the same, in both
// directions and by every method, and every packet is handed over once at most.
#include <set>

#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class FewQueueStories : public Scenario {
 protected:
  FewQueueStories() : Scenario{4} {}

  // By the one queue; the owner's word, whoever it is.
  Lines sends(PortId port, const Frame& frame) {
    const Lines lines = receive(port, {frame.bytes()});
    return lines[0].starts_with("hand over to ") ? deliver() : lines;
  }
};

TEST_F(FewQueueStories, ConversationsOfEveryMethodHaveOneOwnerEach) {
  constexpr std::uint16_t kEach = 40;
  for (const Service service : {kWeb, kWeb6, kDns, kDns6, kDirectWeb, kDirectDns6})
    for (std::uint16_t port = 1; port <= kEach; ++port) {
      const Flow flow{service, port};
      const unsigned server = server_of(sends(kP0, from_client(flow)));
      ASSERT_NE(server, 0U) << name_of(service) << " " << port;
      if (!is_direct(service)) {
        EXPECT_EQ(sends(kP1, from_server(flow, server)), leaves(kP0, at_client(flow)));
      }
      EXPECT_EQ(sends(kP0, from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
    }
  EXPECT_EQ(entries(), 6U * kEach) << "never two entries for one connection";
  for (std::size_t w = 0; w < 4; ++w) EXPECT_GT(entries_of(w), kEach) << "a share for worker " << w;
}

TEST_F(FewQueueStories, TheOwnerHandsNothingOn) {
  std::uint64_t out = 0;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    const Lines lines = receive(kP0, {from_client({kWeb, port}).bytes()});
    if (!lines[0].starts_with("hand over to ")) continue;
    ++out;
    EXPECT_NE(server_of(deliver()), 0U) << "once and no more";
  }
  EXPECT_EQ(entries_of(0), 100 - out);
  EXPECT_EQ(entries_of(1) + entries_of(2) + entries_of(3), out);
}

TEST_F(FewQueueStories, ABurstIsSplitAmongTheOthersInOrder) {
  std::vector<Bytes> burst;
  for (std::uint16_t port = 1; port <= 60; ++port) burst.push_back(from_client({kWeb, port}).bytes());
  std::set<std::string> owners;
  for (const std::string& line : receive(kP0, burst))
    if (line.starts_with("hand over to ")) owners.insert(line);
  EXPECT_EQ(owners, (std::set<std::string>{"hand over to 1", "hand over to 2", "hand over to 3"}));
  deliver();
  EXPECT_EQ(entries(), 60U);
}

TEST_F(FewQueueStories, WhatIsNobodysIsSettledByTheReceiver) {
  EXPECT_EQ(client_sends(from_client({kWeb, 1}).ttl(1)).back(), "drop ttl_expired");
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").icmp(kIcmpEchoRequest)).at(0).substr(0, 4), "p0: ");
  EXPECT_TRUE(deliver().empty());
}

}  // namespace
}  // namespace tandem::test
