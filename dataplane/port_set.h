// SPDX-License-Identifier: Apache-2.0
// The ports of a running dataplane: opened one after the other, asked, and closed together.
// Threads: a control thread's; the workers have wire() and losses().
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "common/base/clock.h"
#include "dataplane/io/ethdev_wire.h"
#include "dataplane/starting.h"
#include "dataplane/worker/assignment.h"
#include "dataplane/worker/port_losses.h"

namespace tandem {

class PortSet {
 public:
  Result<> open(const DataplaneOptions& options, const StartPlan& plan, rte_mempool* pool);
  void close() { ports_.clear(); }

  Port& operator[](PortId id) const { return *ports_[index(id)]; }
  std::span<const std::unique_ptr<Port>> all() const { return ports_; }
  const std::vector<QueueCount>& queues() const { return queues_; }
  EthdevWire& wire() { return wire_; }
  PortLosses& losses() { return losses_; }

  std::vector<PortState> states() const;                   // asks for each link anew
  void watch(Instant now) noexcept;                        // links, and what devices lost; as often as is worth it
  std::uint32_t queue_per_worker(unsigned workers) const;  // a bit a port whose queues are the workers' own
  std::vector<int> sockets_of(std::span<const RxQueue> queues) const;

 private:
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<QueueCount> queues_;
  EthdevWire wire_;
  PortLosses losses_;
  Instant due_;
};

}  // namespace tandem
