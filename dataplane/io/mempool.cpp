// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/mempool.h"

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cstring>

namespace tandem {

namespace {

// AF_XDP takes a fill ring's worth at set-up and as many may wait in the completion ring. NICs keep their descriptors full.
// The others copy into rings of their own; a burst each way is all they hold.
std::uint32_t held_by(const PortDemand& port) {
  switch (port.kind) {
    case DeviceKind::af_xdp:
      return port.queues * 2 * kXdpDescriptors;
    case DeviceKind::bonding:
      return port.members * port.queues * 2 * kNicDescriptors;
    case DeviceKind::pci:
    case DeviceKind::virtio_user:
    case DeviceKind::vdev:
      return port.queues * 2 * kNicDescriptors;
    case DeviceKind::tap:
      return port.queues * kNicDescriptors;
    default:
      return port.queues * 128;
  }
}

std::uint16_t room_for(const PortDemand& port) {
  const std::uint32_t frame =
      port.kind == DeviceKind::af_packet ? packet_ring_slot_bytes(port.mtu_bytes) : std::uint32_t{port.mtu_bytes} + 14 + 8;
  return static_cast<std::uint16_t>(std::clamp<std::uint32_t>(frame + RTE_PKTMBUF_HEADROOM, RTE_MBUF_DEFAULT_BUF_SIZE, 65535));
}

bool inside(rte_mempool* pool, const rte_mempool_memhdr& chunk) {
  const std::uint32_t object = rte_mempool_calc_obj_size(pool->elt_size, pool->flags, nullptr);
  struct Bounds {
    const char *begin, *end;
    bool all = true;
  } bounds{static_cast<const char*>(chunk.addr), static_cast<const char*>(chunk.addr) + std::uint64_t{pool->populated_size} * object};
  rte_mempool_obj_iter(
      pool,
      [](rte_mempool* p, void* argument, void* object_start, unsigned) {
        auto& b = *static_cast<Bounds*>(argument);
        const char* const at = static_cast<const char*>(object_start);
        b.all = b.all && at >= b.begin && at + p->elt_size <= b.end;
      },
      &bounds);
  return bounds.all;
}

}  // namespace

Result<PoolPlan> plan_pool(std::span<const PortDemand> ports, unsigned workers, std::uint32_t worker_buffers, std::uint32_t configured) {
  PoolPlan plan{.data_room_bytes = RTE_MBUF_DEFAULT_BUF_SIZE};
  // Each thread's cache may keep 1.5 times its size; one more thread, the control one, injects.
  std::uint32_t needed = (workers + 1) * (kBufferCache * 3 / 2) + workers * worker_buffers;
  for (const PortDemand& port : ports) {
    needed += held_by(port);
    plan.data_room_bytes = std::max(plan.data_room_bytes, room_for(port));
  }
  if (configured != 0 && configured < needed)
    return fail("buffers = " + std::to_string(configured) + " is too few: ports, queues and " + std::to_string(workers) +
                " workers can hold " + std::to_string(needed));
  plan.buffers = configured != 0 ? configured : std::max<std::uint32_t>(needed + needed / 4, 8192);
  plan.bytes = std::uint64_t{plan.buffers} *
               rte_mempool_calc_obj_size(static_cast<std::uint32_t>(sizeof(rte_mbuf) + plan.data_room_bytes), 0, nullptr);
  return plan;
}

Result<rte_mempool*> create_pool(const std::string& name, const PoolPlan& plan) {
  const auto failed = [&](int error) {
    return fail("no memory for " + std::to_string(plan.buffers) + " packet buffers: " + rte_strerror(error));
  };
  const auto object = static_cast<unsigned>(sizeof(rte_mbuf) + plan.data_room_bytes);
  rte_mempool* const pool = rte_mempool_create_empty(name.c_str(), plan.buffers, object, kBufferCache, sizeof(rte_pktmbuf_pool_private),
                                                     SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
  if (pool == nullptr) return failed(rte_errno);
  rte_pktmbuf_pool_private about{};
  about.mbuf_data_room_size = plan.data_room_bytes;
  int result = rte_mempool_set_ops_byname(pool, "ring_mt_rts", nullptr);
  if (result == 0) {
    rte_pktmbuf_pool_init(pool, &about);
    result = rte_mempool_populate_default(pool);
  }
  if (result < 0) {
    rte_mempool_free(pool);
    return failed(-result);
  }
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
  return pool;
}

void free_pool(rte_mempool* pool) { rte_mempool_free(pool); }

bool lies_in_one_piece(rte_mempool* pool) { return pool->nb_mem_chunks == 1 && inside(pool, *STAILQ_FIRST(&pool->mem_list)); }

std::uint64_t pool_available(const rte_mempool* pool) { return rte_mempool_avail_count(pool); }

std::uint64_t pool_capacity(const rte_mempool* pool) { return pool->size; }

rte_mbuf* copy_frame(rte_mempool* pool, std::span<const std::uint8_t> bytes) {
  rte_mbuf* const mbuf = rte_pktmbuf_alloc(pool);
  if (mbuf == nullptr) return nullptr;
  char* const room = bytes.size() <= 0xffff ? rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(bytes.size())) : nullptr;
  if (room == nullptr) {
    rte_pktmbuf_free(mbuf);
    return nullptr;
  }
  std::memcpy(room, bytes.data(), bytes.size());
  return mbuf;
}

rte_mbuf* copy_frame_in(rte_mempool* pool, std::span<const std::uint8_t> bytes, std::size_t segments) {
  const std::size_t share = (bytes.size() + segments - 1) / segments;
  rte_mbuf* head = nullptr;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(share, bytes.size()))) {
    rte_mbuf* const part = copy_frame(pool, bytes.first(std::min(share, bytes.size())));
    if (part == nullptr) {
      rte_pktmbuf_free(head);
      return nullptr;
    }
    if (head == nullptr) head = part;
    else rte_pktmbuf_chain(head, part);
  }
  return head;
}

std::span<const std::uint8_t> frame_bytes(const rte_mbuf* mbuf) { return {rte_pktmbuf_mtod(mbuf, const std::uint8_t*), mbuf->data_len}; }

}  // namespace tandem
