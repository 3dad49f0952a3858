// SPDX-License-Identifier: Apache-2.0
// What the box answers itself: it turns the question into its answer in the same buffer, to be sent by the port it came from.
#pragma once

#include "common/net/address.h"
#include "dataplane/model/generation.h"
#include "dataplane/packet/packet.h"

namespace tandem {

// not_ours: nothing was touched, somebody else may want it. dropped: for `reason`.
struct Answer {
  enum class Kind : std::uint8_t { not_ours, answered, dropped } kind = Kind::not_ours;
  DropReason reason{};

  static Answer answered() noexcept { return {Kind::answered, {}}; }
  static Answer dropped(DropReason reason) noexcept { return {Kind::dropped, reason}; }
};

// Addresses that we answer for: VIPs on any port; the node's own on a port without a kernel twin, as nobody else would.
bool answers_for(const Generation& generation, PortId port, const IpAddress& address) noexcept;

// Addresses of the node on any of its ports.
bool is_node_address(const Generation& generation, const IpAddress& address) noexcept;

// An address that nobody may send from (RFC 1122 3.2.1.3, RFC 4291 2): multicast, broadcast, loopback, unspecified.
bool is_martian(const IpAddress& source) noexcept;

// The port's own MAC becomes the sender's, the asker's the target.
inline void turn_around(EthHeader& eth, const MacAddress& own, const MacAddress& asker) noexcept {
  eth.target = asker;
  eth.source = own;
}

}  // namespace tandem
