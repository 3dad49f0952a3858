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
#include "dataplane/io/rss.h"

struct rte_eth_conf;
struct rte_eth_dev_info;
struct rte_mempool;

namespace tandem {

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
  bool flows_keep_their_queue() const {
    return kind_ == DeviceKind::af_xdp || ((kind_ == DeviceKind::pci || kind_ == DeviceKind::bonding) && has_rss_);
  }
  // What a thread may wait for when this queue is empty; none: the device has no such thing, or does not tell.
  std::optional<int> receive_socket(unsigned queue) const {
    return queue < receive_sockets_.size() ? std::optional{receive_sockets_[queue]} : std::nullopt;
  }
  const Rss* rss() const { return has_rss_ ? &*rss_ : nullptr; }
  bool takes_chains() const { return takes_chains_; }          // its driver sends buffers of several segments whole
  bool speaks_when_idle() const { return speaks_when_idle_; }  // its transmit function must be called also with nothing to send

 private:
  Port() = default;
  Result<> prepare_interface(const Request& request);
  Result<> attach(const Request& request);
  Result<std::vector<std::string>> attach_members(const Request& request);
  Result<> plug(const DeviceArguments& words);
  void unplug() noexcept;
  Result<> check_limits(const Request& request, const rte_eth_dev_info& info);
  void choose_offloads(const Request& request, const rte_eth_dev_info& info, rte_eth_conf& conf);
  void take_mac(const Request& request);
  void set_trait(PortTrait trait);
  Result<> configure(const Request& request);
  Result<> set_up_queues(const Request& request);
  void note_receive_sockets(std::vector<int> sockets);
  Result<> start(const Request& request);
  LinkState ask_link() const;
  void close() noexcept;
  void note(const std::string& text);

  PortState state_;
  DeviceKind kind_ = DeviceKind::null;
  std::vector<std::string> vdevs_;   // names on the vdev bus, as they were made
  std::vector<std::string> bonded_;  // PCI members
  std::optional<Rss> rss_;
  std::optional<KernelInterface> kernel_;
  std::uint16_t dpdk_port_ = kNoPort;
  std::vector<int> packet_sockets_, receive_sockets_;
  AcceptedMacs accepted_;
  bool has_rss_ = false, takes_chains_ = false, speaks_when_idle_ = false;
  std::uint64_t packet_drops_ = 0, link_changes_ = 0;

  static constexpr std::uint16_t kNoPort = 0xffff;
};

}  // namespace tandem
