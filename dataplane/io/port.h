// SPDX-License-Identifier: Apache-2.0
// One DPDK port, from its `device =` string to running queues and back. Kernel interfaces beneath it (af_packet, af_xdp) are
// made fit first: offloads off, leftovers of a killed process detached, MTU set.
// Threads: made, asked and closed by one control thread; the queues belong to workers (EthdevWire).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "dataplane/io/device.h"
#include "dataplane/io/frame_filter.h"
#include "dataplane/io/kernel_interface.h"
#include "dataplane/io/port_state.h"
#include "dataplane/io/wire.h"

struct rte_mempool;

namespace tandem {

// How many queues the device allows, as far as can be said before it is opened; none: it must be asked (PCI, raw vdev).
std::optional<unsigned> queues_allowed(const Device& device);

class Port {
 public:
  struct Request {
    PortId id{};
    PortOptions options;
    Device device;
    unsigned workers = 1;  // queues asked for unless options.queues says less
    rte_mempool* pool = nullptr;
    std::string steering_program;
  };

  static Result<std::unique_ptr<Port>> open(const Request& request);
  ~Port();  // closes, detaches, puts offloads back
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  const PortState& state() const { return state_; }
  std::uint16_t dpdk_port() const { return dpdk_port_; }
  bool follow_link();                              // asks anew; true when it changed
  bool has_link() const { return ask_link().up; }  // asks anew, changes nothing: any thread
  PortStats stats();
  // Takes frames to these MACs besides its own, no others, and VRRP's multicasts.
  Result<> accept_macs(std::span<const MacAddress> macs);
  // The device itself puts all packets of a flow and direction in one queue (RSS). AF_PACKET's fanout does not: it rolls over to
  // another queue when one is full; memif's far end and a TAP's sender choose as they like.
  bool flows_keep_their_queue() const { return kind_ == DeviceKind::af_xdp || (kind_ == DeviceKind::pci && has_rss_); }

 private:
  Port() = default;
  Result<> prepare_interface(const Request& request);
  Result<> attach(const Request& request);
  Result<> configure(const Request& request);
  Result<> set_up_queues(const Request& request);
  Result<> start(const Request& request);
  LinkState ask_link() const;
  void close() noexcept;
  void note(const std::string& text);

  PortState state_;
  DeviceKind kind_ = DeviceKind::null;
  std::string vdev_;  // its name on the vdev bus, once attached
  std::optional<KernelInterface> kernel_;
  std::uint16_t dpdk_port_ = kNoPort;
  std::vector<int> packet_sockets_;
  AcceptedMacs accepted_;
  bool has_rss_ = false;
  std::uint64_t packet_drops_ = 0, link_changes_ = 0;

  static constexpr std::uint16_t kNoPort = 0xffff;
};

// All ports' queues as the workers' wire.
class EthdevWire final : public Wire {
 public:
  void add(PortId port, std::uint16_t dpdk_port) { dpdk_ports_[index(port)] = dpdk_port; }
  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override;

 private:
  std::array<std::uint16_t, kMaxPorts> dpdk_ports_{};
};

}  // namespace tandem
