// SPDX-License-Identifier: Apache-2.0
// Two nodes in one process as tandemd runs them: a worker's thread and a pair's thread each, joined by UDP over a loopback of their own
// (a network namespace, where we may make one). The first node has the group whenever it is there.
// Threads: the main one.
#pragma once

#include <functional>
#include <memory>

#include "controlplane/daemon/pair_thread.h"
#include "tests/bench/samples.h"
#include "tests/bench/sync_traffic.h"

namespace tandem::bench {

class SyncPair {
 public:
  SyncPair(rte_mempool* pool, std::uint64_t connections, bool hugepages, double tsc_hz);
  ~SyncPair();

  void begin(std::size_t node);  // its pair's thread, as after a boot
  void end(std::size_t node) { threads_[node].reset(); }
  const PairThread& thread(std::size_t node) const { return *threads_[node]; }
  SyncNode& node(std::size_t number) { return number == 0 ? ours_ : theirs_; }

  void pass(std::chrono::milliseconds time);
  bool wait(std::chrono::seconds most, const std::function<bool()>& until);  // false: it did not come about
  bool in_step() const;                                                      // the second has all of the first's
  std::uint64_t not_yet_learned() { return clients.lasting() - theirs_.applied(SyncOutcome::inserted); }

  PacedClients clients;
  Onlooker onlooker;

 private:
  Loop control_;
  SyncNode ours_, theirs_;
  std::array<std::unique_ptr<PairThread>, 2> threads_;
  std::uint64_t boots_ = 0;
};

void use_all_cores();            // DPDK left the main thread, whose threads would stay there, on one
void enter_own_network();        // without root: the machine's loopback, which others may use too
std::uint64_t loopback_bytes();  // Ethernet frames that went over it so far
double pair_thread_seconds();    // of CPU that the pair's threads of this process have used

}  // namespace tandem::bench
