// SPDX-License-Identifier: Apache-2.0
// A guest's and a hypervisor's end of one virtio device in this process, without privileges or huge pages: it carries buffers of several
// segments, several queues and large frames as a card does. And memif, which does so too.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "dataplane/io/ethdev_wire.h"
#include "dataplane/io/mempool.h"
#include "dataplane/io/port.h"
#include "dataplane/io/tx_chain.h"
#include "dataplane/packet/packet.h"
#include "tests/unit/io/small_eal.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kSmallRoom = 2176;

class SharedMemory : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(small_eal());
    pool_ = *create_pool("virtio", {.buffers = 8192, .data_room_bytes = kSmallRoom, .bytes = 0});
    socket_ = "/tmp/tandem-vhost-" + std::to_string(getpid()) + ".sock";
  }
  void TearDown() override {
    guest_.reset(), host_.reset();
    EXPECT_EQ(pool_available(pool_), 8192U) << "a buffer was lost";
    free_pool(pool_);
    unlink(socket_.c_str());
  }

  void open(unsigned queues, std::uint16_t mtu = 1500) { join("vhost:" + socket_, "virtio_user:" + socket_, queues, mtu); }
  void join(const std::string& host, const std::string& guest, unsigned queues, std::uint16_t mtu) {
    host_ = opened(PortId{0}, host, queues, mtu);
    guest_ = opened(PortId{1}, guest, queues, mtu);
    ASSERT_TRUE(host_ && guest_);
    wire_.add(PortId{0}, *host_), wire_.add(PortId{1}, *guest_);
    for (int round = 0; round < 400 && !(host_->has_link() && guest_->has_link()); ++round) std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(host_->has_link() && guest_->has_link());
  }
  std::unique_ptr<Port> opened(PortId id, const std::string& device, unsigned queues, std::uint16_t mtu) const {
    Result<std::unique_ptr<Port>> port = Port::open({.id = id,
                                                     .options = {.name = "outside", .device = device, .mtu_bytes = mtu},
                                                     .device = *parse_device(device),
                                                     .workers = queues,
                                                     .pool = pool_});
    EXPECT_TRUE(port) << port.error().message;
    return port ? std::move(*port) : nullptr;
  }

  // A chain of so many bytes each, every byte the number of its place.
  rte_mbuf* chain(const std::vector<std::uint16_t>& segments) const {
    rte_mbuf* head = nullptr;
    unsigned place = 0;
    for (const std::uint16_t bytes : segments) {
      rte_mbuf* const segment = rte_pktmbuf_alloc(pool_);
      char* const data = rte_pktmbuf_append(segment, bytes);
      for (unsigned i = 0; i < bytes; ++i) data[i] = static_cast<char>(place++ * 31 >> 3);
      if (head == nullptr) head = segment;
      else rte_pktmbuf_chain(head, segment);
    }
    return head;
  }
  static bool is_as_sent(const rte_mbuf* mbuf) {
    unsigned place = 0;
    for (const rte_mbuf* segment = mbuf; segment != nullptr; segment = segment->next)
      for (unsigned i = 0; i < segment->data_len; ++i)
        if (*rte_pktmbuf_mtod_offset(segment, const char*, i) != static_cast<char>(place++ * 31 >> 3)) return false;
    return place == mbuf->pkt_len;
  }
  rte_mbuf* receive(PortId port, std::uint16_t queue) {
    rte_mbuf* got = nullptr;
    for (int round = 0; round < 2000; ++round) {
      if (wire_.receive(port, queue, &got, 1) == 1) return got;
      std::this_thread::sleep_for(1ms);
    }
    return nullptr;
  }
  // What left whole arrives whole; tells of how many segments.
  unsigned crosses(PortId from, std::uint16_t queue, const std::vector<std::uint16_t>& segments) {
    const PortId to = from == PortId{0} ? PortId{1} : PortId{0};
    rte_mbuf* none = nullptr;
    EXPECT_EQ(wire_.receive(to, queue, &none, 1), 0) << "memif's client gives its sender room when it polls";
    rte_mbuf* sent = chain(segments);
    EXPECT_EQ(wire_.send(from, queue, &sent, 1), 1);
    rte_mbuf* const got = receive(to, queue);
    if (got == nullptr) return 0;
    EXPECT_TRUE(is_as_sent(got));
    const unsigned count = got->nb_segs;
    rte_pktmbuf_free(got);
    return count;
  }

  rte_mempool* pool_ = nullptr;
  std::string socket_;
  std::unique_ptr<Port> host_, guest_;
  EthdevWire wire_;
};

TEST_F(SharedMemory, FramesGoBothWaysOverEachQueue) {
  open(2);
  for (const std::uint16_t queue : std::array<std::uint16_t, 2>{0, 1}) {
    EXPECT_EQ(crosses(PortId{1}, queue, {100}), 1U) << "from the guest by queue " << queue;
    EXPECT_EQ(crosses(PortId{0}, queue, {1514}), 1U) << "to the guest by queue " << queue;
  }
  EXPECT_EQ(host_->state().rx_queues, 2U);
  EXPECT_FALSE(host_->flows_keep_their_queue()) << "the far end chooses";
}

TEST_F(SharedMemory, AChainIsSentWhole) {
  open(1);
  EXPECT_TRUE(host_->takes_chains() && guest_->takes_chains());
  EXPECT_EQ(crosses(PortId{1}, 0, {14, 20, 900}), 1U) << "three segments, one buffer at the far end";
  EXPECT_EQ(crosses(PortId{0}, 0, {14, 20, 900}), 1U);
}

TEST_F(SharedMemory, AJumboFrameArrivesInSeveralBuffersWhenOneIsTooSmall) {
  open(1, 9000);
  EXPECT_EQ(crosses(PortId{0}, 0, {2000, 2000, 2000, 2000, 1014}), 5U);
  EXPECT_GE(crosses(PortId{1}, 0, {2000, 2000, 2000, 2000, 1014}), 5U);
}

TEST_F(SharedMemory, OverMemifTheSame) {
  join("memif:" + socket_, "memif:" + socket_ + ",client", 1, 9000);
  EXPECT_EQ(crosses(PortId{1}, 0, {1514}), 1U);
  EXPECT_GE(crosses(PortId{0}, 0, {2000, 2000, 2000, 2000, 1014}), 5U);
  EXPECT_GE(crosses(PortId{1}, 0, {2000, 2000, 2000, 2000, 1014}), 5U);
}

TEST_F(SharedMemory, AGuestWithoutItsHypervisorIsToldSo) {
  const Result<std::unique_ptr<Port>> port = Port::open({.id = PortId{1},
                                                         .options = {.name = "inside", .device = "virtio_user:/tmp/tandem-nobody.sock"},
                                                         .device = *parse_device("virtio_user:/tmp/tandem-nobody.sock"),
                                                         .pool = pool_});
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().message.find("virtio_user:/tmp/tandem-nobody.sock"), std::string::npos) << port.error().message;
}

// Drivers over a file or a kernel's socket copy the first segment and believe it to be all.
TEST_F(SharedMemory, ChainsAreJoinedForADriverThatTakesNone) {
  std::array<rte_mbuf*, 4> burst{chain({600}), chain({14, 20, 900}), chain({1514}), chain({2040, 8})};
  EXPECT_EQ(join_segments(burst.data(), burst.size()), 4);
  for (rte_mbuf* mbuf : burst) {
    EXPECT_EQ(mbuf->nb_segs, 1);
    EXPECT_TRUE(is_as_sent(mbuf));
    rte_pktmbuf_free(mbuf);
  }
}

TEST_F(SharedMemory, WhatNoBufferCanHoldInOnePieceIsRefusedAndTheOthersAreNot) {
  const std::unique_ptr<Port> null = opened(PortId{2}, "null", 1, 9000);
  ASSERT_FALSE(null->takes_chains());
  wire_.add(PortId{2}, *null);
  std::array<rte_mbuf*, 3> burst{chain({2000, 2000}), chain({60}), chain({100, 100})};
  rte_mbuf* const too_long = burst[0];
  EXPECT_EQ(wire_.send(PortId{2}, 0, burst.data(), burst.size()), 2);
  EXPECT_EQ(burst[2], too_long) << "behind those that were taken, where the caller looks for what is still its own";
  rte_pktmbuf_free(burst[2]);
}

}  // namespace
}  // namespace tandem
