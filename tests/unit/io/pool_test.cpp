// SPDX-License-Identifier: Apache-2.0
// Sizing is arithmetic; the pool itself is made on 4 KiB pages, without root.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "dataplane/io/eal.h"
#include "dataplane/io/hugepages.h"
#include "dataplane/io/mempool.h"
#include "dataplane/packet/packet.h"
#include "tests/unit/io/small_eal.h"

namespace tandem {
namespace {

TEST(PoolPlan, EveryRingMayBeFullAndBuffersRemain) {
  const std::array ports{PortDemand{DeviceKind::af_xdp, 1, 1500}, PortDemand{DeviceKind::pci, 2, 1500}};
  const Result<PoolPlan> plan = plan_pool(ports, 2, 1000, 0);
  ASSERT_TRUE(plan);
  const unsigned held = 2 * 2048 + 2 * 2 * 1024 + 2 * 1000 + 3 * 384;
  EXPECT_GT(plan->buffers, held);
  EXPECT_GE(plan->bytes, std::uint64_t{plan->buffers} * plan->data_room_bytes);
}

TEST(PoolPlan, TooFewBuffersAreRefusedWithTheNumberItTakes) {
  const std::array ports{PortDemand{DeviceKind::af_xdp, 4, 1500}};
  const Result<PoolPlan> plan = plan_pool(ports, 4, 1000, 4096);
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().message.find("buffers = 4096 is too few"), std::string::npos) << plan.error().message;
  EXPECT_NE(plan.error().message.find(std::to_string(4 * 4096 + 4 * 1000 + 5 * 384)), std::string::npos) << plan.error().message;
}

TEST(PoolPlan, JumboFramesGetLargerBuffers) {
  const std::array small{PortDemand{DeviceKind::null, 1, 1500}};
  const std::array jumbo{PortDemand{DeviceKind::null, 1, 1500}, PortDemand{DeviceKind::af_packet, 1, 9000}};
  EXPECT_EQ(plan_pool(small, 1, 0, 0)->data_room_bytes, 2048 + 128);
  EXPECT_GE(plan_pool(jumbo, 1, 0, 0)->data_room_bytes, 9000 + 18 + 128);
}

TEST(Hugepages, AreTakenWhenEnoughAreFree) {
  std::string note;
  EXPECT_TRUE(*choose_hugepages(HugepageWish::automatic, 10 * kHugepageBytes, 10, note));
  EXPECT_FALSE(*choose_hugepages(HugepageWish::automatic, 10 * kHugepageBytes, 9, note));
  EXPECT_EQ(note, "4 KiB pages: 20 MiB of 2 MiB pages are needed, 18 MiB are free");
  EXPECT_FALSE(*choose_hugepages(HugepageWish::off, 1, 100, note)) << "off means off";
}

TEST(Hugepages, DemandedButMissingIsAnErrorWithNumbers) {
  std::string note;
  const Result<bool> choice = choose_hugepages(HugepageWish::on, 10 * kHugepageBytes, 0, note);
  ASSERT_FALSE(choice);
  EXPECT_NE(choice.error().message.find("20 MiB of 2 MiB pages are needed, 0 MiB are free"), std::string::npos);
}

TEST(Eal, ArgumentsNeverJoinNoHugeWithInMemory) {  // DPDK 22.11 refuses that pair
  const auto has = [](const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const std::vector<std::string> small = eal_arguments({.memory_bytes = 100 << 20}, false, "p", 0),
                                 huge = eal_arguments({.memory_bytes = 100 << 20}, true, "p", 0);
  EXPECT_TRUE(has(small, "--no-huge") && has(small, "--no-shconf") && !has(small, "--in-memory"));
  EXPECT_TRUE(!has(huge, "--no-huge") && has(huge, "--in-memory"));
  EXPECT_TRUE(has(small, "100") && has(small, "--no-pci"));
  const std::vector<std::string> pci = eal_arguments({.memory_bytes = 1, .pci_addresses = {"0000:3b:00.0"}}, true, "p", 0);
  EXPECT_TRUE(has(pci, "-a") && has(pci, "0000:3b:00.0") && !has(pci, "--no-pci"));
}

TEST(Pool, AllBuffersLieInOnePieceAlsoOnSmallPages) {
  ASSERT_TRUE(small_eal());
  const PoolPlan plan{.buffers = 16384, .data_room_bytes = 2176, .bytes = 0};
  const Result<rte_mempool*> pool = create_pool("one-piece", plan);
  ASSERT_TRUE(pool) << pool.error().message;
  EXPECT_TRUE(lies_in_one_piece(*pool));
  EXPECT_EQ(pool_available(*pool), 16384U);
  free_pool(*pool);
}

TEST(Pool, TheUsualWayToMakeOneWouldLeaveTheUmem) {  // the control: why create_pool exists, and that the check can fail
  ASSERT_TRUE(small_eal());
  rte_mempool* const pool = rte_pktmbuf_pool_create("usual", 8192, 0, 0, 2176, SOCKET_ID_ANY);
  ASSERT_NE(pool, nullptr);
  EXPECT_FALSE(lies_in_one_piece(pool));
  free_pool(pool);
}

TEST(Pool, MoreThanThereIsIsAnErrorAndLeavesNothing) {
  ASSERT_TRUE(small_eal());
  const Result<rte_mempool*> pool = create_pool("too-much", {.buffers = 1'000'000, .data_room_bytes = 2176, .bytes = 0});
  ASSERT_FALSE(pool);
  EXPECT_NE(pool.error().message.find("no memory for 1000000 packet buffers"), std::string::npos) << pool.error().message;
  const Result<rte_mempool*> again = create_pool("too-much", {.buffers = 1024, .data_room_bytes = 2176, .bytes = 0});
  ASSERT_TRUE(again) << "the name must be free again: " << again.error().message;
  free_pool(*again);
}

}  // namespace
}  // namespace tandem
