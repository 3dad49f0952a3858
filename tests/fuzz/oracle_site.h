// SPDX-License-Identifier: Apache-2.0
// The services that the oracle knows: every method, one backend each, at addresses that frames.cpp draws.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "tests/support/world.h"

namespace tandem::fuzz {

// Nobody forwards to this MAC: what is sent to it is an answer of the node's own.
inline constexpr const char* kStranger = "02:00:00:00:aa:77";

struct Served {
  Endpoint listen;
  Protocol protocol{};
  ForwardingMethod method{};
  Endpoint server;
  TunnelKind tunnel = TunnelKind::ipip;

  bool is_two_way() const { return !is_one_way(method); }
  bool changes_family() const { return is_two_way() && listen.address.family != server.address.family; }
  std::size_t outer_bytes() const;  // what a tunnel puts in front
};

std::span<const Served> served();
test::World oracle_world();

const Served* served_at(const IpAddress& address, unsigned port, unsigned protocol);  // whose VIP and port it is
const Served* served_by(const IpAddress& address, unsigned port, unsigned protocol);  // a nat backend's
bool is_vip(const IpAddress& address);
bool is_pool(const IpAddress& address);
IpAddress pool_of(const Served& service);
bool is_ordinary(const IpAddress& address);                         // a client or server as anybody may be one
std::string mac_of_server(const Served& service);                   // the next hops
std::optional<std::string> mac_to_client(const IpAddress& client);  // nothing: no route, or nobody knows its MAC

}  // namespace tandem::fuzz
