// SPDX-License-Identifier: Apache-2.0
// What the box answers itself: it turns the question into its answer in the same buffer, to be sent by the port it came from.
#pragma once

#include "common/net/address.h"
#include "dataplane/model/generation.h"
#include "dataplane/model/roles.h"
#include "dataplane/packet/packet.h"

namespace tandem {

// not_ours: nothing was touched, somebody else may want it. dropped: for `reason`.
struct Answer {
  enum class Kind : std::uint8_t { not_ours, answered, dropped } kind = Kind::not_ours;
  DropReason reason{};

  static Answer answered() noexcept { return {Kind::answered, {}}; }
  static Answer dropped(DropReason reason) noexcept { return {Kind::dropped, reason}; }
};

// Who answers for an address on the LAN that a packet came by, and with which MAC. We: for VIPs of groups that are active here, on
// any port; for the node's own on a port without a kernel twin, as nobody else would. The other node: for the other VIPs.
struct Respondent {
  enum class Who : std::uint8_t { nobody, we, other_node } who = Who::nobody;
  MacAddress mac{};
};
Respondent respondent_for(const Generation& generation, const Roles& roles, const Packet& packet, const IpAddress& address) noexcept;

// Somebody says that a VIP is his. Believing him, or telling our kernel, would help him, unless it is the other node that announces
// what it has: that is nothing to worry about.
DropReason judge_claim(const Generation& generation, const Roles& roles, const Packet& packet, const VipEntry& vip) noexcept;

// Addresses of the node on any of its ports.
bool is_node_address(const Generation& generation, const IpAddress& address) noexcept;

// An address that nobody may send from (RFC 1122 3.2.1.3, RFC 4291 2): multicast, broadcast, loopback, unspecified.
bool is_martian(const IpAddress& source) noexcept;

// The address of everybody on one of the node's own networks (RFC 1122 3.2.1.3 d).
bool is_directed_broadcast(const Generation& generation, const IpAddress& address) noexcept;

// Our MAC becomes the sender's, the asker's the target.
inline void turn_around(EthHeader& eth, const MacAddress& own, const MacAddress& asker) noexcept {
  eth.target = asker;
  eth.source = own;
}

}  // namespace tandem
