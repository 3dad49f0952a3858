// SPDX-License-Identifier: Apache-2.0
// Where the two nodes of the simulation stand: two LANs, two groups, in each a service that the schedule alone can decide and one
// that it cannot, three servers on the second LAN.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/support/world.h"

namespace tandem::sim {

inline constexpr std::size_t kGroups = 2, kLans = 2, kPaths = kLans + 1;
inline constexpr std::uint16_t kClients = 400, kServers = 3;
inline constexpr std::uint16_t kPairPort = 18264;
// Short, so that a story sees connections age. A client speaks every four seconds.
inline constexpr std::uint16_t kEstablishedSeconds = 20, kFinSeconds = 12, kClosedSeconds = 5;

IpAddress site_address(std::size_t lan, std::size_t host);
MacAddress node_mac(std::size_t node, std::size_t lan);

// A client is told by its port, which also says to whom it speaks.
constexpr std::size_t group_of_client(std::uint16_t port) { return port % kGroups; }
Endpoint vip_of_client(std::uint16_t port);
const test::Bytes& client_frame(std::size_t to_node, std::uint16_t port, std::uint8_t tcp_flags);

// As a node's configuration sees it; each call a world of its own.
test::World site(std::size_t node, std::size_t workers);

// What left by a port, told by where it goes: a server's number, or the other node.
std::size_t server_of(const MacAddress& target);  // kServers: none

}  // namespace tandem::sim
