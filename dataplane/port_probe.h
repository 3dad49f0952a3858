// SPDX-License-Identifier: Apache-2.0
// `port verify`: sends probes by one port and tells how they arrive at another, by the running workers. Blocks its caller for a third of
// a second, not the workers; the traffic goes on beside it.
// Threads: the control thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/dataplane.h"
#include "dataplane/io/port.h"
#include "dataplane/probe_frame.h"
#include "dataplane/worker/worker.h"

namespace tandem {

// What a run has at hand. Outlives it.
struct ProbeGround {
  std::span<const std::unique_ptr<Worker>> workers;
  std::span<const std::unique_ptr<Port>> ports;
  ProbeDesk& desk;
  rte_mempool* pool;
  std::vector<TxWay> ways;  // of worker 0, by PortId
};

class PortProbe {
 public:
  PortProbe(ProbeGround ground, const ProbeWish& wish, std::uint64_t secret);
  ~PortProbe() { ground_.desk.end(); }
  PortProbe(const PortProbe&) = delete;
  PortProbe& operator=(const PortProbe&) = delete;

  ProbeReport run();

 private:
  using Sights = std::map<std::uint32_t, ProbeSight>;  // by number

  bool find_way();
  ProbePlan plain(std::uint32_t flow, Family family = Family::ipv4) const;
  std::uint32_t send(ProbePlan plan, std::size_t segments = 1);
  Sights wait(std::size_t for_so_many);
  void collect(Sights& seen);
  bool arrives(const ProbePlan& plan, std::size_t segments = 1);
  void row(std::string what, std::string expected, std::string seen, bool right);

  void try_queues();
  void try_sizes();
  void try_checksums();
  void try_tags();
  void try_macs();

  ProbeGround ground_;
  const ProbeWish& wish_;
  std::uint64_t secret_;
  PortId by_{};
  std::uint32_t next_ = 1, first_of_try_ = 1;
  ProbeReport report_;
};

}  // namespace tandem
