// SPDX-License-Identifier: Apache-2.0
// The same with real threads: two nodes' workers run, and a third thread carries records between them.
#include <thread>

#include "dataplane/worker/crew.h"
#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;

TEST(FlowThreads, ABulkReachesTheOtherNodesWorkersWhileAllOfThemRun) {
  constexpr std::size_t kFlows = 10'000;
  FlowNode ours{60'000}, theirs{60'000};
  ours.be(Role::active), theirs.be(Role::shadow);
  ours.open_all(kFlows);
  ours.take();  // lost on the way
  Crew here, there;
  ASSERT_TRUE(here.start(ours.herd.workers, {}) && there.start(theirs.herd.workers, {}));
  for (const auto& worker : ours.herd.workers) ours.flows.request_bulk(worker->id());

  const auto deadline = std::chrono::steady_clock::now() + 20s;
  const auto in_time = [&] { return std::chrono::steady_clock::now() < deadline; };
  std::size_t ends = 0;
  while (ends < ours.herd.workers.size() && in_time()) {
    for (const auto& worker : ours.herd.workers) {
      std::array<SyncRecord, 100> some;
      const std::size_t taken = ours.flows.take_changes(worker->id(), some);
      for (const SyncRecord& record : std::span{some}.first(taken)) {
        if (record.operation == Operation::bulk_end) ++ends;
        else
          while (!theirs.flows.apply(record) && in_time()) std::this_thread::yield();
      }
      if (taken == 0) std::this_thread::yield();
    }
  }
  while (theirs.applied(SyncOutcome::inserted) < kFlows && in_time()) std::this_thread::sleep_for(1ms);
  here.stop(), there.stop();
  EXPECT_TRUE(in_time());
  EXPECT_TRUE(ours.connections() == theirs.connections());
  EXPECT_EQ(theirs.connections().size(), kFlows);
}

}  // namespace
}  // namespace tandem::test
