// SPDX-License-Identifier: Apache-2.0
// A worker's stand-in for one packet: the same generation, roles and time, and copies of all that the packet could change: its
// connections, the service's turns, the free ports. The pipeline runs on it as on any worker, and nobody is the wiser. Threads: one
// control thread's own; allocates.
// Not copied: who would be evicted from a full table (somebody is, also where all there are exceptions), whose source port would give way
// (nobody's does), pool addresses behind the first kMostBooks, whose ports are taken for free, and rates, which are taken for never
// reached.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "dataplane/conn/own_segment.h"
#include "dataplane/pipeline/glance.h"

namespace tandem {

class StandIn {
 public:
  StandIn(const Generation& generation, const FlowGlance& glance);
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  const WorkerContext& context() const { return context_; }
  const Generation& generation() const { return generation_; }
  const WorkerCounters& counters() const { return *counters_; }
  std::span<const BackendCounters> backends() const { return backends_; }

 private:
  static constexpr std::size_t kConnections = 256;  // four times the kin that there may be: a quarter is the half-open ones' quota

  void freeze_turns(const FlowQuestion& question);
  void take_books(const FlowGlance& glance);
  template <typename Entry>
  void take_in(const FamilyGlance<Entry>& glance, const Connections<Entry>& connections);
  template <typename Entry>
  void take_port(const Connections<Entry>& connections, Entry& entry);

  Generation generation_;
  std::map<PoolSlot, std::shared_ptr<PortBook>> books_;
  ConnTable4 table4_;
  ConnTable6 table6_;
  Expiry expiry4_, expiry6_;
  std::unique_ptr<WorkerCounters> counters_;
  std::vector<BackendCounters> backends_;
  OwnSegments own_segments_;            // that nobody makes
  const BackendCounters* own_tallies_;  // the worker's, where it is alone
  WorkerContext context_;
};

}  // namespace tandem
