// SPDX-License-Identifier: Apache-2.0
#include "dataplane/port_set.h"

namespace tandem {

namespace {

constexpr std::chrono::milliseconds kWatchedEvery{50};

}  // namespace

Result<> PortSet::open(const DataplaneOptions& options, const StartPlan& plan, rte_mempool* pool) {
  for (std::size_t p = 0; p < options.ports.size(); ++p) {
    const Port::Request request{static_cast<PortId>(p), options.ports[p], plan.devices[p], plan.workers, pool, options.steering_program};
    Result<std::unique_ptr<Port>> port = Port::open(request);
    if (!port) return fail(port.error());
    wire_.add(request.id, **port);
    queues_.push_back({(*port)->state().rx_queues, (*port)->state().tx_queues});
    ports_.push_back(std::move(*port));
  }
  return {};
}

std::vector<PortState> PortSet::states() const {
  std::vector<PortState> states;
  for (const auto& port : ports_) {
    port->follow_link();
    states.push_back(port->state());
  }
  return states;
}

void PortSet::watch(Instant now) noexcept {
  if (now < due_) return;
  due_ = now + kWatchedEvery;
  for (const auto& port : ports_) {
    port->follow_link();
    const PortStats stats = port->stats();
    losses_.note(port->state().id, stats.rx_missed, stats.rx_errors);
  }
}

std::uint32_t PortSet::queue_per_worker(unsigned workers) const {
  std::uint32_t ports = 0;
  for (std::size_t p = 0; p < ports_.size(); ++p)
    if (queues_[p].rx == workers && (workers == 1 || ports_[p]->flows_keep_their_queue())) ports |= 1U << p;
  return ports;
}

// All or none: to wait for some would be to sleep through the others' packets.
std::vector<int> PortSet::sockets_of(std::span<const RxQueue> queues) const {
  std::vector<int> sockets;
  for (const RxQueue& queue : queues) {
    const std::optional<int> socket = (*this)[queue.port].receive_socket(queue.queue);
    if (!socket) return {};
    sockets.push_back(*socket);
  }
  return sockets;
}

}  // namespace tandem
