// SPDX-License-Identifier: Apache-2.0
// Making a port's devices, or finding them: its own, and before it those that it bonds.
#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>

#include "dataplane/io/bonding.h"
#include "dataplane/io/descriptors.h"
#include "dataplane/io/driver_log.h"
#include "dataplane/io/packet_ring.h"
#include "dataplane/io/port.h"
#include "dataplane/io/queues_allowed.h"

namespace tandem {

namespace {

// Numbers for the devices of members, above those of ports.
std::size_t member_number(PortId port, std::size_t member) { return kMaxPorts * (index(port) + 1) + member; }

}  // namespace

Result<> Port::attach(const Request& request) {
  const unsigned allowed = queues_allowed(request.device).value_or(request.workers);
  const unsigned wanted = std::min(request.options.queues.value_or(request.workers), request.workers);
  state_.rx_queues = state_.tx_queues = std::max(1U, std::min(wanted, allowed));
  Result<std::vector<std::string>> members = attach_members(request);
  if (!members) return fail(members.error());
  const DeviceArguments words = arguments_of(request.device, {.port = index(request.id),
                                                              .queues = state_.rx_queues,
                                                              .mtu_bytes = request.options.mtu_bytes,
                                                              .steering_program = request.steering_program,
                                                              .members = std::move(*members)});
  const std::vector<int> before = packet_sockets();
  if (words.bus == "vdev")
    if (const Result<> plugged = plug(words); !plugged) return plugged;
  if (rte_eth_dev_get_port_by_name(words.name.c_str(), &dpdk_port_) != 0) {
    dpdk_port_ = kNoPort;
    return fail(with_driver_lines("no DPDK driver has taken it; is it bound to vfio-pci?"));
  }
  speaks_when_idle_ = tandem::speaks_when_idle(request.device);
  if (request.device.kind == DeviceKind::af_packet) packet_sockets_ = added_since(before, packet_sockets());
  for (const int socket : packet_sockets_) enlarge_send_buffer(socket, packet_ring_slot_bytes(request.options.mtu_bytes));
  return {};
}

Result<std::vector<std::string>> Port::attach_members(const Request& request) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < request.device.members.size(); ++i) {
    const DeviceArguments words =
        arguments_of(request.device.members[i], {.port = member_number(request.id, i), .queues = state_.rx_queues});
    std::uint16_t found = 0;
    if (words.bus == "vdev") {
      if (const Result<> plugged = plug(words); !plugged) return fail(plugged.error());
    } else if (rte_eth_dev_get_port_by_name(words.name.c_str(), &found) == 0) {
      bonded_.push_back(words.name);
    } else {
      return fail(with_driver_lines("no DPDK driver has taken its member " + words.name + "; is it bound to vfio-pci?"));
    }
    names.push_back(words.name);
  }
  return names;
}

Result<> Port::plug(const DeviceArguments& words) {
  if (const int result = rte_eal_hotplug_add("vdev", words.name.c_str(), words.arguments.c_str()); result != 0)
    return fail(with_driver_lines("the device cannot be made, " + std::string{rte_strerror(-result)}));
  vdevs_.push_back(words.name);
  return {};
}

// The bond first, which gives its members back.
void Port::unplug() noexcept {
  for (; !vdevs_.empty(); vdevs_.pop_back()) rte_eal_hotplug_remove("vdev", vdevs_.back().c_str());
  for (; !bonded_.empty(); bonded_.pop_back()) {
    std::uint16_t member = 0;
    if (rte_eth_dev_get_port_by_name(bonded_.back().c_str(), &member) == 0) rte_eth_dev_close(member);
  }
}

}  // namespace tandem
