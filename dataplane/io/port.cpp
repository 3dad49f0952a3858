// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/port.h"

#include <bpf/libbpf.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>

#include "dataplane/io/descriptors.h"
#include "dataplane/io/driver_log.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/mempool.h"
#include "dataplane/io/xdp_leftover.h"

namespace tandem {

namespace {

std::string text_of(int error) { return rte_strerror(error < 0 ? -error : error); }

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::uint16_t descriptors_of(DeviceKind kind) { return kind == DeviceKind::af_xdp ? kXdpDescriptors : kNicDescriptors; }

}  // namespace

Result<std::unique_ptr<Port>> Port::open(const Request& request) {
  std::unique_ptr<Port> port{new Port};
  const auto failed = [&](const Error& error) {
    return fail(error.within("port " + request.options.name + ": " + request.options.device));
  };
  port->kind_ = request.device.kind;
  port->state_ = {.name = request.options.name,
                  .device = request.options.device,
                  .id = request.id,
                  .twin = twin_of(request.device.kind),
                  .mtu_bytes = request.options.mtu_bytes};
  forget_driver_lines();
  if (const Result<> result = port->prepare_interface(request); !result) return failed(result.error());
  if (const Result<> result = port->attach(request); !result) return failed(result.error());
  if (const Result<> result = port->configure(request); !result) return failed(result.error());
  if (const Result<> result = port->set_up_queues(request); !result) return failed(result.error());
  if (const Result<> result = port->start(request); !result) return failed(result.error());
  return port;
}

Port::~Port() { close(); }

void Port::set_trait(PortTrait trait) {
  const auto same = std::ranges::find(state_.traits, trait.what, &PortTrait::what);
  if (same == state_.traits.end()) state_.traits.push_back(std::move(trait));
  else *same = std::move(trait);
}

void Port::note(const std::string& text) { state_.note += (state_.note.empty() ? "" : "; ") + text; }

Result<> Port::prepare_interface(const Request& request) {
  if (request.device.kind == DeviceKind::tap) state_.interface = request.device.target;
  if (!request.device.on_kernel_interface()) return {};
  Result<KernelInterface> interface = KernelInterface::open(request.device.target);
  if (!interface) return fail(interface.error());
  state_.interface = request.device.target;
  kernel_ = std::move(*interface);
  if (request.device.kind == DeviceKind::af_xdp) {
    const Result<bool> detached = detach_leftover(kernel_->number());
    if (!detached) return fail(detached.error());
    if (*detached) note("detached the XDP program of an earlier run");
  }
  const Result<std::vector<std::string>> off = kernel_->switch_offloads_off();
  if (!off) return fail(off.error());
  if (!off->empty()) note("switched off " + joined(*off));
  const Result<std::uint16_t> mtu = kernel_->mtu_bytes();
  if (!mtu) return fail(mtu.error());
  if (*mtu == request.options.mtu_bytes) return {};
  note("MTU changed from " + std::to_string(*mtu));
  return kernel_->set_mtu(request.options.mtu_bytes);
}

Result<> Port::set_up_queues(const Request& request) {
  const std::vector<int> maps_before = bpf_map_descriptors(), sockets_before = xdp_sockets();
  std::uint16_t rx_slots = descriptors_of(kind_), tx_slots = rx_slots;
  rte_eth_dev_adjust_nb_rx_tx_desc(dpdk_port_, &rx_slots, &tx_slots);
  for (std::uint16_t q = 0; q < state_.rx_queues; ++q)
    if (const int result = rte_eth_rx_queue_setup(dpdk_port_, q, rx_slots, SOCKET_ID_ANY, nullptr, request.pool); result != 0)
      return fail(with_driver_lines("receive queue " + std::to_string(q) + " cannot be set up, " + text_of(result)));
  for (std::uint16_t q = 0; q < state_.tx_queues; ++q)
    if (const int result = rte_eth_tx_queue_setup(dpdk_port_, q, tx_slots, SOCKET_ID_ANY, nullptr); result != 0)
      return fail(with_driver_lines("transmit queue " + std::to_string(q) + " cannot be set up, " + text_of(result)));
  if (kind_ == DeviceKind::af_xdp) state_.steering_maps = added_since(maps_before, bpf_map_descriptors());
  note_receive_sockets(kind_ == DeviceKind::af_xdp ? added_since(sockets_before, xdp_sockets()) : packet_sockets_);
  return {};
}

// Drivers open a queue's socket when they set it up, so their order is that of the queues.
void Port::note_receive_sockets(std::vector<int> sockets) {
  if (sockets.size() == state_.rx_queues) receive_sockets_ = std::move(sockets);
}

Result<> Port::start(const Request& request) {
  if (const int result = rte_eth_dev_start(dpdk_port_); result != 0)
    return fail(with_driver_lines("the port does not start, " + text_of(result)));
  if (kind_ == DeviceKind::tap)  // the driver sets it on the interface that it has made
    if (const int result = rte_eth_dev_set_mtu(dpdk_port_, request.options.mtu_bytes); result != 0) note("MTU not set, " + text_of(result));
  if (speaks_when_idle_)  // LACP: the driver drops broadcasts, and frames to virtual MACs, of what its members have received
    if (const int result = rte_eth_promiscuous_enable(dpdk_port_); result != 0) note("the bond is not promiscuous, " + text_of(result));
  if (has_rss_) std::ranges::for_each(rss_->settle(dpdk_port_, state_.rx_queues), [&](PortTrait& trait) { set_trait(std::move(trait)); });
  const LinkState link = ask_link();
  state_.up = link.up, state_.speed_bytes = link.speed_bytes;
  if (!link.up && kernel_) note("the interface has no link");
  return {};
}

void Port::close() noexcept {
  if (dpdk_port_ != kNoPort) {
    if (accepted_.promiscuous()) rte_eth_promiscuous_disable(dpdk_port_);  // a kernel interface would stay so without us
    const auto stop_and_close = [port = dpdk_port_] {
      rte_eth_dev_stop(port);
      rte_eth_dev_close(port);
    };
    // memif's handler of its control socket frees what closing frees too, when the far end leaves in the same moment.
    if (kind_ == DeviceKind::memif) on_interrupt_thread(stop_and_close);
    else stop_and_close();
    dpdk_port_ = kNoPort;
  }
  unplug();
  // A set-up that failed half-way leaves the program attached; before it there was none (prepare_interface saw to that).
  if (kernel_ && kind_ == DeviceKind::af_xdp) bpf_xdp_detach(static_cast<int>(kernel_->number()), 0, nullptr);
  if (kernel_) kernel_->restore_offloads();
  kernel_.reset();
}

}  // namespace tandem
