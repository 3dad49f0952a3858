// SPDX-License-Identifier: Apache-2.0
// A node that joins is told everything once, while life goes on.
#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;

class FlowBulk : public testing::Test {
 protected:
  FlowBulk() { ours.be(Role::active), theirs.be(Role::shadow); }
  void ask() {
    for (const auto& worker : ours.herd.workers) ours.flows.request_bulk(worker->id());
  }
  static std::size_t ends(const std::vector<SyncRecord>& told) {
    return static_cast<std::size_t>(
        std::ranges::count_if(told, [](const SyncRecord& record) { return record.operation == Operation::bulk_end; }));
  }

  FlowNode ours{60'000}, theirs{60'000};
};

TEST_F(FlowBulk, TenThousandConnectionsMadeBeforeThePeerCame) {
  ours.flows.set_sync(false);
  ours.open_all(10'000);
  ours.flows.set_sync(true);
  ASSERT_TRUE(ours.take().empty());
  ask();
  const std::vector<SyncRecord> told = ours.take();
  EXPECT_EQ(told.size(), 10'002U);
  EXPECT_EQ(ends(told), 2U) << "one of each worker";
  EXPECT_TRUE(std::ranges::all_of(told, &SyncRecord::bulk));
  EXPECT_EQ(told.back().operation, Operation::bulk_end);
  theirs.learn(told);
  EXPECT_EQ(theirs.connections(), ours.connections());
  EXPECT_EQ(theirs.applied(SyncOutcome::inserted), 10'000U);
}

TEST_F(FlowBulk, AWorkerGoesNoFasterThanItIsRead) {
  ours.flows.set_sync(false);
  ours.open_all(10'000);
  ours.flows.set_sync(true);
  ask();
  ours.herd.turn();
  for (const auto& worker : ours.herd.workers) {
    EXPECT_GE(worker->flows().told.size(), FlowDesk::kRecords - FlowTeller::kBulkSlice);
    EXPECT_LE(worker->flows().told.size(), FlowDesk::kRecords);
  }
  EXPECT_EQ(ours.take().size(), 10'002U);
}

TEST_F(FlowBulk, WhatChangesMeanwhileIsToldToo) {
  ours.open_all(200);
  ask();
  std::vector<SyncRecord> told;
  std::array<SyncRecord, 16> some;
  for (unsigned flow = 200; flow < 1200; ++flow) {
    ours.herd.offer(kP0, 0, syn(flow));
    if (flow % 4 == 0) ours.herd.offer(kP0, 0, from_client(flow - 200, kTcpRst));
    for (const auto& worker : ours.herd.workers) {
      worker->turn();
      told.insert(told.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(ours.flows.take_changes(worker->id(), some)));
    }
  }
  const std::vector<SyncRecord> rest = ours.take();
  told.insert(told.end(), rest.begin(), rest.end());
  EXPECT_EQ(ends(told), 2U);
  theirs.learn(told);
  EXPECT_EQ(theirs.connections(), ours.connections());
}

TEST_F(FlowBulk, WhatWeHoldForAnOwnerIsToldTooItMayHaveStartedAnew) {
  FlowNode third;
  third.be(Role::active);
  third.open_all(20);
  theirs.learn(third.take());
  for (const auto& worker : theirs.herd.workers) theirs.flows.request_bulk(worker->id());
  const std::vector<SyncRecord> told = theirs.take();
  EXPECT_EQ(told.size(), 22U);
  EXPECT_EQ(ends(told), 2U);
}

TEST_F(FlowBulk, WhatWasHeardBeforeTheWalkWasAskedForIsPartOfIt) {
  FlowNode third;
  third.be(Role::active);
  third.open_all(300);
  for (const SyncRecord& record : third.take()) ASSERT_TRUE(theirs.flows.apply(record));  // its workers stand still
  for (const auto& worker : theirs.herd.workers) theirs.flows.request_bulk(worker->id());
  EXPECT_EQ(theirs.take().size(), 302U);
}

TEST_F(FlowBulk, AskedAgainItBeginsAnewAndOffItEnds) {
  ours.open_all(4000);
  ours.take();
  ask();
  ours.herd.workers[0]->turn();
  ask();
  EXPECT_EQ(ends(ours.take()), 2U);
  ask();
  ours.flows.set_sync(false);
  ours.herd.turn();
  ours.flows.set_sync(true);
  EXPECT_EQ(ends(ours.take()), 0U);
}

TEST_F(FlowBulk, AfterALossItBringsBothInStepAgain) {
  ours.open_all(3000);
  ours.take();  // all of it is lost on the way
  ours.open_all(3500);
  theirs.learn(ours.take());
  ASSERT_EQ(theirs.connections().size(), 500U);
  ask();
  theirs.learn(ours.take());
  EXPECT_EQ(theirs.connections(), ours.connections());
}

}  // namespace
}  // namespace tandem::test
