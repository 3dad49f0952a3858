// SPDX-License-Identifier: Apache-2.0
// What the packets of one benchmark have in common, and which flow each number stands for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/ids.h"
#include "dataplane/conn/entry.h"
#include "dataplane/model/tunnel.h"

namespace tandem::bench {

inline constexpr std::size_t kBurst = 32;
inline constexpr std::uint32_t kServers = 10;  // of each service

// A service of the benchmark's network: of each kind there is one.
struct ServiceKind {
  Family family = Family::ipv4;
  ForwardingMethod method = ForwardingMethod::nat;
  Family servers = family;
  TunnelKind tunnel = TunnelKind::ipip;

  friend bool operator==(const ServiceKind&, const ServiceKind&) = default;
};

inline constexpr auto kServices = [] {
  using enum ForwardingMethod;
  constexpr Family v4 = Family::ipv4, v6 = Family::ipv6;
  constexpr TunnelKind direct = TunnelKind::gue_direct;
  return std::to_array<ServiceKind>({{v4, nat},
                                     {v4, l2_dsr},
                                     {v6, nat},
                                     {v6, l2_dsr},
                                     {v4, full_nat},
                                     {v6, full_nat},
                                     {v6, full_nat, v4},
                                     {v4, full_nat, v6},
                                     {v4, ipip},
                                     {v6, ipip},
                                     {v4, ipip, v6},
                                     {v6, ipip, v4},
                                     {v4, gue, v4, direct},
                                     {v6, gue, v6, direct},
                                     {v4, gue, v6, direct},
                                     {v6, gue, v4, direct}});
}();

constexpr std::size_t place_of(const ServiceKind& kind) {
  return static_cast<std::size_t>(std::find(kServices.begin(), kServices.end(), kind) - kServices.begin());
}

enum class Piece : std::uint8_t { whole, first, later };  // of a datagram in two fragments

// Everything of a packet that does not depend on its flow.
struct Pattern {
  ServiceKind service;
  Direction direction = Direction::from_client;
  bool to_group = false;  // by a group's virtual MAC, as clients come in a pair
  Piece piece = Piece::whole;

  Family family() const { return direction == Direction::from_client ? service.family : service.servers; }
};

inline PortId port_of(const Pattern& pattern) { return pattern.direction == Direction::from_client ? PortId{0} : PortId{1}; }

// By number: neighbours in number are strangers in the table. No client of one service is another's.
struct Flow {
  std::uint32_t client;  // host order; of IPv6 the last four bytes
  std::uint16_t port;    // host order
  std::uint32_t server;
};
inline constexpr std::uint64_t kClientPorts = 50'000;

constexpr std::uint32_t first_client_of(const ServiceKind& kind) { return 0x20000000U + static_cast<std::uint32_t>(place_of(kind) << 10); }

inline Flow flow(std::uint32_t first_client, std::uint64_t number) {
  return {first_client + static_cast<std::uint32_t>(number / kClientPorts), static_cast<std::uint16_t>(10000 + number % kClientPorts),
          static_cast<std::uint32_t>(number % kServers)};
}

// full-nat: where the flow's server sees it come from.
struct OwnPort {
  std::uint32_t pool;
  std::uint16_t port;  // host order
};
inline constexpr std::uint64_t kPortsOfPool = 64'512;

inline OwnPort own_port(std::uint64_t number) {
  return {static_cast<std::uint32_t>(number / kPortsOfPool), static_cast<std::uint16_t>(1024 + number % kPortsOfPool)};
}

// Of the network's addresses the last four bytes, which are all that differs: of IPv4 they are the address.
inline std::uint32_t server_tail(Family family, std::uint32_t server) {
  const std::uint32_t number = 11 + server;  // fd01::11, fd01::12 …: written as decimal text, so read as hexadecimal
  return family == Family::ipv4 ? 0x0a000100 + number : number / 10 << 4 | number % 10;
}
inline std::uint32_t pool_tail(Family family, std::uint32_t pool) { return (family == Family::ipv4 ? 0x0a020000 : 0) + pool; }

}  // namespace tandem::bench
