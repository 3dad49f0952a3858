// SPDX-License-Identifier: Apache-2.0
// What another still looks at is copied before it is rewritten.
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

TEST(SharedBuffers, OneWithTwoReferencesIsCopied) {
  World world = web_world();
  Herd herd{world, {.workers = 1, .queues = {{1, 1}, {1, 1}}}};
  rte_mbuf* const shared = to_mbuf(syn(1).bytes());
  rte_mbuf_refcnt_update(shared, 1);
  herd.wire.offer(PortId{0}, 0, shared);
  herd.turn();
  EXPECT_EQ(herd.wire.all_sent(PortId{1}).size(), 1U);
  EXPECT_EQ(bytes_of(shared), syn(1).bytes()) << "whoever else has it finds it as it came";
  EXPECT_EQ(rte_mbuf_refcnt_read(shared), 1);
  rte_pktmbuf_free(shared);
}

TEST(SharedBuffers, AClonesOriginalIsLeftAlone) {
  World world = web_world();
  Herd herd{world, {.workers = 1, .queues = {{1, 1}, {1, 1}}}};
  rte_mbuf* const original = to_mbuf(syn(1).bytes());
  herd.wire.offer(PortId{0}, 0, rte_pktmbuf_clone(original, original->pool));
  herd.turn();
  EXPECT_EQ(herd.wire.all_sent(PortId{1}).size(), 1U);
  EXPECT_EQ(bytes_of(original), syn(1).bytes());
  rte_pktmbuf_free(original);
}

TEST(SharedBuffers, WithoutABufferForTheCopyItIsDroppedByName) {
  World world = web_world();
  Herd herd{world, {.workers = 1, .queues = {{1, 1}, {1, 1}}}};
  rte_mbuf* const shared = to_mbuf(syn(1).bytes());
  rte_mbuf_refcnt_update(shared, 1);
  std::vector<rte_mbuf*> all;
  while (rte_mbuf* const taken = rte_pktmbuf_alloc(shared->pool)) all.push_back(taken);
  herd.wire.offer(PortId{0}, 0, shared);
  herd.turn();
  EXPECT_EQ(herd.dropped(DropReason::no_buffer), 1U);
  rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
  rte_pktmbuf_free(shared);
}

}  // namespace
}  // namespace tandem::test
