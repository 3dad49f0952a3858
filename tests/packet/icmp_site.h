// SPDX-License-Identifier: Apache-2.0
// ICMP errors as stories tell them: who complains of what, about which packet.
#pragma once

#include "tests/packet/site.h"

namespace tandem::test {

// One kind of error; mtu is of too-big alone.
struct Complaint {
  std::uint8_t type = 0, code = 0;
  std::uint16_t mtu = 0;
};
std::vector<Complaint> complaints(bool ipv6);  // every kind that is carried
Complaint too_big(bool ipv6, std::uint16_t mtu);
Complaint time_exceeded(bool ipv6);

inline constexpr std::size_t kWhole = 65535;

// The outer frame, with an error about what `quoted` carries behind its (untagged) Ethernet header, or its first bytes.
Frame about(Frame outer, const Complaint& complaint, const Frame& quoted, std::size_t quoted_bytes = kWhole);

// A router far from us, or one between us and the servers.
std::string router_of(Service service);
std::string inner_router_of(Service service);

// An error from that router towards the service's VIP, as it reaches us; and as it must reach a server.
Frame from_router(const Flow& flow, std::uint8_t hops = 64);
Frame at_server_from_router(const Flow& flow, unsigned server);

// What the far router saw of a server's answer, and what the server had sent. The hops are what the router found.
Frame answer_on_its_way(const Flow& flow, std::uint8_t flags = kTcpAck);
Frame answer_as_sent(const Flow& flow, unsigned server, std::uint8_t flags = kTcpAck);

Lines operator+(Lines lines, const std::string& line);

}  // namespace tandem::test
