// SPDX-License-Identifier: Apache-2.0
// DPDK's environment layer, started once in a process: it can be neither restarted nor shared. rte_eal_cleanup is never called: it
// unmaps memory under EAL's interrupt thread, which it neither ends nor waits for. Ports are closed by their owner; no memory is in
// files, so the rest ends with the process.
// Worker threads are ours (std::thread, registered with rte_thread_register), so EAL has one lcore, the calling thread,
// whose affinity is put back as it was. Its run-time directory is removed at once: nothing of ours lies in it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "dataplane/io/hugepages.h"

namespace tandem {

struct EalRequest {
  HugepageWish hugepages = HugepageWish::automatic;
  std::uint64_t memory_bytes = 0;          // pools, rings and what drivers take
  std::vector<std::string> pci_addresses;  // none: the bus is not even looked at
};

struct EalState {
  bool hugepages = false;
  std::string note;  // why not, when not
};

// The command line that EAL is given; pure.
std::vector<std::string> eal_arguments(const EalRequest& request, bool hugepages, const std::string& prefix, unsigned cpu);

// The first call decides: a later one gets the same state, or an error when it needs what the first has not got.
Result<EalState> start_eal(const EalRequest& request);

// A worker's thread makes itself known to DPDK, for a cache of its own in each pool. False: too many threads.
bool register_thread();
void unregister_thread();

// Runs it on EAL's interrupt thread, where drivers answer their sockets and timers, and comes back when it is done. For what a
// driver does not guard against its own handlers.
void on_interrupt_thread(std::function<void()> job);

// What DPDK's heap holds on each NUMA node that has one.
struct HeapUse {
  unsigned socket = 0;
  std::uint64_t used_bytes = 0, free_bytes = 0;
};
std::vector<HeapUse> heap_use();

std::uint64_t cycles_per_second();  // of the CPU's time-stamp counter

}  // namespace tandem
