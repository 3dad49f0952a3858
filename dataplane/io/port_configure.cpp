// SPDX-License-Identifier: Apache-2.0
// What a port asks of its device, and what of it the device can: limits, queues, offloads. All of it is written down as traits.
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstring>

#include "dataplane/io/derived_mac.h"
#include "dataplane/io/driver_log.h"
#include "dataplane/io/port.h"

namespace tandem {

namespace {

bool is_hardware(DeviceKind kind) { return kind == DeviceKind::pci || kind == DeviceKind::bonding; }

bool has_own_mac(DeviceKind kind) { return is_hardware(kind) || kind == DeviceKind::af_packet || kind == DeviceKind::af_xdp; }

// Drivers over a kernel's interface or over nothing have no MTU of their own to be set here.
bool is_told_its_mtu(DeviceKind kind) {
  return is_hardware(kind) || kind == DeviceKind::vdev || kind == DeviceKind::virtio_user || kind == DeviceKind::vhost;
}

// As it must when one buffer is one frame; if not, drivers that can receive into a chain must be asked to.
bool fits_one_buffer(const Port::Request& request) {
  constexpr unsigned kLink = 14 + 8;  // Ethernet and two tags
  return request.options.mtu_bytes + kLink + RTE_PKTMBUF_HEADROOM <= rte_pktmbuf_data_room_size(request.pool);
}

std::string text_of(int error) { return rte_strerror(error < 0 ? -error : error); }

}  // namespace

Result<> Port::configure(const Request& request) {
  rte_eth_dev_info info{};
  if (const int result = rte_eth_dev_info_get(dpdk_port_, &info); result != 0)
    return fail("the device does not say what it can, " + text_of(result));
  state_.driver = info.driver_name;
  if (const Result<> fits = check_limits(request, info); !fits) return fits;
  rte_eth_conf conf{};
  choose_offloads(request, info, conf);
  if (is_told_its_mtu(kind_)) conf.rxmode.mtu = request.options.mtu_bytes;
  rss_.emplace(request.options.rss);
  has_rss_ = state_.rx_queues > 1 && rss_->request(info, conf);
  if (state_.rx_queues > 1 && !has_rss_) {
    set_trait({"RSS", std::to_string(state_.rx_queues) + " queues", "none: its far end chooses the queue", false});
    if (is_hardware(kind_)) note("the device has no RSS");
  }
  if (const int result = rte_eth_dev_configure(dpdk_port_, static_cast<std::uint16_t>(state_.rx_queues),
                                               static_cast<std::uint16_t>(state_.tx_queues), &conf);
      result != 0)
    return fail(with_driver_lines("the device refuses its configuration, " + text_of(result)));
  take_mac(request);
  return {};
}

Result<> Port::check_limits(const Request& request, const rte_eth_dev_info& info) {
  const unsigned mtu = request.options.mtu_bytes;
  if (info.max_mtu != 0 && mtu > info.max_mtu)
    return fail("mtu_bytes = " + std::to_string(mtu) + " is too much: the device takes " + std::to_string(info.max_mtu) + " at most");
  state_.rx_queues = std::min<unsigned>(state_.rx_queues, info.max_rx_queues);
  state_.tx_queues = std::min<unsigned>(state_.tx_queues, info.max_tx_queues);
  const unsigned wanted = request.options.queues.value_or(request.workers);
  const bool enough = state_.rx_queues >= std::min(wanted, request.workers);
  if (!enough)
    note(std::to_string(state_.rx_queues) + " of " + std::to_string(wanted) +
         " queues: the device allows no more, so workers hand over to each other");
  const std::string has = std::to_string(state_.rx_queues) + " to receive, " + std::to_string(state_.tx_queues) + " to send";
  set_trait({"queues", std::to_string(wanted) + " for " + std::to_string(request.workers) + (request.workers == 1 ? " worker" : " workers"),
             has, enough});
  set_trait({"MTU", std::to_string(mtu),
             info.max_mtu == 0 || info.max_mtu == UINT16_MAX ? "no limit told" : std::to_string(info.max_mtu) + " at most", true});
  return {};
}

// Nothing depends on them: software looks at every header, writes every checksum, and joins chains for a device that takes none.
void Port::choose_offloads(const Request& request, const rte_eth_dev_info& info, rte_eth_conf& conf) {
  if (!fits_one_buffer(request)) conf.rxmode.offloads |= info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
  if (is_hardware(kind_)) {
    const bool checks = (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0;
    if (checks) conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
    set_trait({"IPv4 checksums on receive", "checked", checks ? "checked" : "no, software does", checks});
  }
  const std::uint64_t chains = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
  conf.txmode.offloads |= chains;
  takes_chains_ = chains != 0 || kind_ == DeviceKind::memif;  // memif sends them whole and does not say so
  set_trait({"chains on transmit", "sent whole", takes_chains_ ? "sent whole" : "no, joined by software", takes_chains_});
}

void Port::take_mac(const Request& request) {
  rte_ether_addr mac{};
  rte_eth_macaddr_get(dpdk_port_, &mac);
  std::memcpy(state_.mac.bytes.data(), mac.addr_bytes, state_.mac.bytes.size());
  if (request.options.mac) state_.mac = *request.options.mac;
  else if (!has_own_mac(kind_)) state_.mac = derived_mac(request.options);
}

}  // namespace tandem
