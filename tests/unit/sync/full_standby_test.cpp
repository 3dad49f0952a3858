// SPDX-License-Identifier: Apache-2.0
// Failure 15: the standby's table has no room. The owner serves on, is told so, and spends the standby's room on what the schedule
// could not choose again.
#include "tests/unit/sync/compared_pair.h"

namespace tandem::test {
namespace {

constexpr std::uint64_t kLarge = 20'000, kSmall = 300;  // a worker; the standby has three

// One line each: its client.
std::set<std::string> clients_of_exceptions(FlowNode& node) {
  std::set<std::string> clients;
  node.each([&](auto&, auto& entry) {
    if (entry.is(kConnException)) clients.insert(to_string(Endpoint{entry.client, entry.client_port.host()}));
  });
  return clients;
}

std::uint64_t forwarded(FlowNode& node) {
  return node.herd.sum([](const WorkerCounters& c) -> const Counter& { return c.tx; });
}

struct FullStandby : testing::Test {
  FullStandby() {
    pair.open_staying(3000);
    pair.run(50ms);
  }
  ComparedPair pair{kLarge, true, kSmall};
};

TEST_F(FullStandby, TheOwnerForwardsEveryPacketAndKnowsOfIt) {
  EXPECT_TRUE(pair.streams[0]->peer_is_full());
  EXPECT_FALSE(pair.streams[0]->peer_has_all(pair.ours.herd.clock.now())) << "so nothing is moved for comfort";
  EXPECT_EQ(pair.ours.connections().size(), 3000U);
  EXPECT_EQ(forwarded(pair.ours), 6000U) << "a SYN and an ACK each";
  EXPECT_EQ(pair.theirs.removed(RemoveReason::evicted), 0U) << "nobody goes for a connection that the schedule would find again";
}

TEST_F(FullStandby, IsToldOfNoMoreConnectionsThatTheScheduleWouldFindAgain) {
  const std::uint64_t before = pair.streams[0]->sent().records;
  pair.open_staying(1000);
  pair.run(50ms);
  EXPECT_LT(pair.streams[0]->sent().records - before, 100U) << "of 1000 opened and established";
  EXPECT_EQ(forwarded(pair.ours), 8000U);
}

TEST_F(FullStandby, HasEveryConnectionThatTheScheduleWouldNotFindAgain) {
  pair.open_staying(400, 9090);
  pair.run(100ms);
  const std::set<std::string> ours = clients_of_exceptions(pair.ours);
  EXPECT_GT(ours.size(), 100U) << "of 400 by round robin";
  EXPECT_EQ(clients_of_exceptions(pair.theirs), ours);
}

TEST_F(FullStandby, IsToldAllOnceItHasRoomAgain) {
  pair.end_staying();
  pair.open_staying(500);
  pair.run(15s);  // reset connections go after a second; the walk is not made more often than every ten
  EXPECT_FALSE(pair.streams[0]->peer_is_full());
  EXPECT_TRUE(pair.streams[0]->peer_has_all(pair.ours.herd.clock.now()));
  EXPECT_EQ(pair.ours.connections().size(), 500U);
  EXPECT_TRUE(ComparedPair::marks(pair.ours) == ComparedPair::marks(pair.theirs));
}

}  // namespace
}  // namespace tandem::test
