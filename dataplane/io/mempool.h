// SPDX-License-Identifier: Apache-2.0
// The packet buffers: one pool for all ports, in one piece of memory. AF_XDP registers [first, first + count × size) as its
// umem, so a buffer outside (42 % of them with rte_pktmbuf_pool_create on 4 KiB pages) would make the port deaf, late and
// silently; the way it is created here and the check afterwards exclude that. Rings between threads that share cores must
// not wait for a preempted one, hence `ring_mt_rts`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/base/result.h"
#include "dataplane/io/device.h"

struct rte_mbuf;
struct rte_mempool;

namespace tandem {

// What one port keeps of buffers when its rings are full.
struct PortDemand {
  DeviceKind kind = DeviceKind::null;
  unsigned queues = 1;
  std::uint16_t mtu_bytes = 1500;
  unsigned members = 1;  // of a bond
};

struct PoolPlan {
  std::uint32_t buffers = 0;
  std::uint16_t data_room_bytes = 0;  // headroom included
  std::uint64_t bytes = 0;            // memory of the whole pool, nearly
};

inline constexpr unsigned kBufferCache = 256;
inline constexpr std::uint16_t kNicDescriptors = 1024, kXdpDescriptors = 2048;

// How many buffers all can hold at once. `configured` 0: computed; too few: an error that says how many it takes.
Result<PoolPlan> plan_pool(std::span<const PortDemand> ports, unsigned workers, std::uint32_t worker_buffers, std::uint32_t configured);

Result<rte_mempool*> create_pool(const std::string& name, const PoolPlan& plan);
void free_pool(rte_mempool* pool);

bool lies_in_one_piece(rte_mempool* pool);
std::uint64_t pool_available(const rte_mempool* pool);
std::uint64_t pool_capacity(const rte_mempool* pool);

// For control threads: a frame into a buffer (null: none free, or too long) and out of one.
rte_mbuf* copy_frame(rte_mempool* pool, std::span<const std::uint8_t> bytes);
rte_mbuf* copy_frame_in(rte_mempool* pool, std::span<const std::uint8_t> bytes, std::size_t segments);  // a chain
std::span<const std::uint8_t> frame_bytes(const rte_mbuf* mbuf);

}  // namespace tandem
