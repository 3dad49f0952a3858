// SPDX-License-Identifier: Apache-2.0
// A port as it is asked for, as it came up, and what it has counted. Plain values: includes no DPDK header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/model/generation.h"

namespace tandem {

// Which fields of a packet choose its queue (RSS). `source` is for ports towards clients and `destination` for those towards nat
// servers: then both directions of a connection are hashed by its client's end alone.
enum class RssFields : std::uint8_t { flow, source, destination };

struct PortOptions {
  std::string name, device;  // device as the configuration writes it
  std::optional<MacAddress> mac;
  std::uint16_t mtu_bytes = 1500;
  std::optional<unsigned> queues;
  RssFields rss = RssFields::flow;
};

// One thing that was asked of a device, and what it said.
struct PortTrait {
  std::string what, asked, device;
  bool met = true;

  friend bool operator==(const PortTrait&, const PortTrait&) = default;
};

// A port as it came up.
struct PortState {
  std::string name, device, driver, interface;  // interface: the kernel's name of an af_xdp, af_packet or tap port
  PortId id{};
  MacAddress mac;
  TwinKind twin = TwinKind::none;
  bool up = false;
  std::uint64_t speed_bytes = 0;  // per second
  std::uint16_t mtu_bytes = 1500;
  unsigned rx_queues = 0, tx_queues = 0;
  std::string note;                // a clear word where the device allows less than was asked
  std::vector<PortTrait> traits;   // queues, RSS, offloads, buffers: all that was asked
  std::vector<int> steering_maps;  // descriptors of the XDP program's maps that appeared with this port
};

struct PortStats {
  std::uint64_t rx_packets = 0, rx_bytes = 0, tx_packets = 0, tx_bytes = 0;
  std::uint64_t rx_missed = 0, rx_errors = 0, rx_no_buffer = 0, tx_errors = 0, tx_queue_full = 0, link_changes = 0;
};

}  // namespace tandem
