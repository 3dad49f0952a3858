// SPDX-License-Identifier: Apache-2.0
// What a running port is asked: its link, its counts, which frames it takes.
#include <rte_ethdev.h>

#include "dataplane/io/ethdev_filter.h"
#include "dataplane/io/packet_ring.h"
#include "dataplane/io/port.h"

namespace tandem {

LinkState Port::ask_link() const {
  if (kernel_) return kernel_->link();
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(dpdk_port_, &link) != 0) return {};
  const bool known = link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN;
  return {link.link_status == RTE_ETH_LINK_UP, known ? std::uint64_t{link.link_speed} * 1'000'000 / 8 : 0};
}

bool Port::follow_link() {
  const LinkState link = ask_link();
  const bool changed = link.up != state_.up;
  state_.up = link.up, state_.speed_bytes = link.speed_bytes;
  link_changes_ += changed ? 1 : 0;
  return changed;
}

Result<> Port::accept_macs(std::span<const MacAddress> macs) {
  const std::string asked = std::to_string(macs.size()) + (macs.size() == 1 ? " MAC" : " MACs") + ", VRRP's multicasts";
  if (takes_every_frame(state_.driver)) return set_trait({"frames to groups", asked, "every frame", true}), Result<>{};
  EthdevFilter filter{dpdk_port_};
  const Result<std::string> how = accepted_.accept(filter, macs);
  if (!how) return fail(how.error().within("port " + state_.name));
  set_trait({"frames to groups", asked, how->empty() ? "filters" : *how, true});
  if (!how->empty() && state_.note.find(*how) == std::string::npos) note(*how);
  return {};
}

PortStats Port::stats() {
  PortStats out;
  out.link_changes = link_changes_;
  rte_eth_stats counts{};
  if (rte_eth_stats_get(dpdk_port_, &counts) != 0) return out;
  for (const int socket : packet_sockets_) packet_drops_ += packet_ring_drops(socket);
  out.rx_packets = counts.ipackets, out.rx_bytes = counts.ibytes;
  out.tx_packets = counts.opackets, out.tx_bytes = counts.obytes;
  out.rx_missed = counts.imissed + packet_drops_, out.rx_errors = counts.ierrors, out.rx_no_buffer = counts.rx_nombuf;
  out.tx_errors = counts.oerrors;
  return out;
}

}  // namespace tandem
