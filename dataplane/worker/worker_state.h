// SPDX-License-Identifier: Apache-2.0
// What a worker owns for its whole life: connections of both families with their deadlines, and what it counts.
// Threads: made by a control thread, then the worker's alone; counters may be read by any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "common/base/rate.h"
#include "common/base/result.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

struct WorkerRoom {
  std::uint64_t connections_ipv4 = 0, connections_ipv6 = 0;  // this worker's share
  bool hugepages = false;                                    // tried first; 4 KiB pages where they do not suffice
  std::uint32_t icmp_errors_pps = 0;                         // of its own that it may make
  std::uint32_t adoptions_pps = 100'000;                     // connections that it may take up in mid-flow
};

// What a worker counts. Made before the worker, because readers may ask as soon as the ports are open.
class WorkerTallies {
 public:
  explicit WorkerTallies(std::size_t backend_slots)
      : backend_slots_{backend_slots}, backends_{std::make_unique<BackendCounters[]>(backend_slots)} {}

  WorkerCounters counters;
  std::span<BackendCounters> backends() noexcept { return {backends_.get(), backend_slots_}; }
  const BackendCounters& backend(BackendSlot slot) const noexcept { return backends_[index(slot)]; }

 private:
  std::size_t backend_slots_;
  std::unique_ptr<BackendCounters[]> backends_;
};

// A worker's share of what is configured for all, with 5 % to spare because flows do not divide evenly.
std::uint64_t connection_share(std::uint64_t all, unsigned workers);

class WorkerState {
 public:
  static Result<std::unique_ptr<WorkerState>> make(WorkerId self, const WorkerRoom& room, const SipKey& table_key,
                                                   std::shared_ptr<WorkerTallies> tallies);

  WorkerContext context() noexcept;
  WorkerCounters& counters() noexcept { return tallies_->counters; }
  const WorkerCounters& counters() const noexcept { return tallies_->counters; }
  ConnTable4& table4() noexcept { return table4_; }
  ConnTable6& table6() noexcept { return table6_; }
  OwnSegments& own_segments() noexcept { return own_segments_; }
  DatagramTable& datagrams() noexcept { return datagrams_; }
  Expiry& expiry4() noexcept { return expiry4_; }
  Expiry& expiry6() noexcept { return expiry6_; }
  std::uint64_t connection_capacity() const noexcept { return table4_.capacity() + table6_.capacity(); }

 private:
  WorkerState(WorkerId self, const WorkerRoom& room, const SipKey& table_key, std::shared_ptr<WorkerTallies> tallies, MemoryBlock entries4,
              MemoryBlock entries6, MemoryBlock deadlines4, MemoryBlock deadlines6);

  WorkerId self_;
  TableHasher hasher_;
  ConnTable4 table4_;
  ConnTable6 table6_;
  Expiry expiry4_, expiry6_;
  SharedRate error_rate_, adoption_rate_;
  DatagramTable datagrams_;
  OwnSegments own_segments_;
  std::shared_ptr<WorkerTallies> tallies_;
};

}  // namespace tandem
