// SPDX-License-Identifier: Apache-2.0
// What workers give each other: a ring for every ordered pair, and one doorbell word per worker, so that an idle poll looks at
// one line instead of at W-1 rings. A full ring refuses; nobody waits. A worker that rests is woken.
// Threads: ring (from, to) is pushed by `from` and popped by `to` alone; wake() is anybody's.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/bell.h"
#include "common/base/cache_line.h"
#include "common/base/ids.h"
#include "common/base/spsc_ring.h"
#include "dataplane/model/generation.h"

struct rte_mbuf;

namespace tandem {

// A packet on its way to another worker. to_wire: finished, to be sent by `port`, whose queue the receiver has; else handed over.
// expires: worth nothing after the deadline that it carries (pair_link.h).
struct Crossing {
  rte_mbuf* mbuf = nullptr;
  PortId port{};
  bool to_wire = false, expires = false;
};

class Fabric {
 public:
  explicit Fabric(unsigned workers) : Fabric{workers, ring_capacity(workers)} {}
  Fabric(unsigned workers, std::size_t capacity);

  static std::size_t ring_capacity(unsigned workers);  // fewer a ring as rings multiply: buffers in them are buffers lost to others
  unsigned workers() const noexcept { return workers_; }

  bool push(WorkerId from, WorkerId to, const Crossing& crossing) noexcept { return between(from, to).push(crossing); }
  void ring_bell(WorkerId from, WorkerId to) noexcept {  // after the pushes of a burst, once
    doors_[index(to)].rung.fetch_or(std::uint64_t{1} << index(from), std::memory_order_release);
    wake(to);
  }
  // Bits of the workers that have rung since the last call.
  std::uint64_t answer_bell(WorkerId self) noexcept {
    std::atomic<std::uint64_t>& rung = doors_[index(self)].rung;
    return rung.load(std::memory_order_relaxed) == 0 ? 0 : rung.exchange(0, std::memory_order_acquire);
  }
  void wake(WorkerId worker) noexcept { doors_[index(worker)].wakes.ring(); }  // after something was laid down for it
  Bell& bell_of(WorkerId self) noexcept { return doors_[index(self)].wakes; }
  SpscRing<Crossing>& between(WorkerId from, WorkerId to) noexcept { return *rings_[index(from) * workers_ + index(to)]; }

 private:
  struct alignas(kCacheLineBytes) Door {
    std::atomic<std::uint64_t> rung{0};
    Bell wakes;
  };
  static_assert(kMaxWorkers <= 64, "a doorbell has one bit a worker");

  unsigned workers_;
  std::vector<std::unique_ptr<SpscRing<Crossing>>> rings_;
  std::unique_ptr<Door[]> doors_;
};

}  // namespace tandem
