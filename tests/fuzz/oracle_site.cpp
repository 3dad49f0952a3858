// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/oracle_site.h"

#include <algorithm>
#include <array>

namespace tandem::fuzz {

namespace {

using test::address;
using test::endpoint;
using enum ForwardingMethod;

constexpr const char *kPool4 = "10.0.1.240", *kPool6 = "fd01::240";

bool is_one_of(const IpAddress& address, std::initializer_list<const char*> known) {
  return std::ranges::any_of(known, [&](const char* text) { return test::address(text) == address; });
}

template <typename Fits>
const Served* first_of(unsigned protocol, Fits&& fits) {
  for (const Served& service : served())
    if (static_cast<unsigned>(service.protocol) == protocol && fits(service)) return &service;
  return nullptr;
}

bool is_at(const Endpoint& known, const IpAddress& address, unsigned port) { return known.address == address && known.port == port; }

}  // namespace

std::size_t Served::outer_bytes() const {
  if (!is_tunnelled(method)) return 0;
  const std::size_t ip = server.address.family == Family::ipv4 ? 20 : 40;
  return ip + (method == gue ? 8 : 0) + (tunnel == TunnelKind::gue_header ? 4 : 0);
}

std::span<const Served> served() {
  constexpr Protocol kTcp = Protocol::tcp, kUdp = Protocol::udp;
  static const std::array<Served, 12> all{{
      {endpoint("10.0.0.100:80"), kTcp, nat, endpoint("10.0.1.11:8080")},
      {endpoint("10.0.0.100:53"), kUdp, nat, endpoint("10.0.1.12:53")},
      {endpoint("[fd00::100]:80"), kTcp, nat, endpoint("[fd01::11]:8080")},
      {endpoint("[fd00::100]:53"), kUdp, nat, endpoint("[fd01::12]:53")},
      {endpoint("10.0.0.100:443"), kTcp, full_nat, endpoint("10.0.1.12:443")},
      {endpoint("10.0.0.100:8080"), kTcp, full_nat, endpoint("[fd01::13]:80")},
      {endpoint("[fd00::100]:443"), kTcp, full_nat, endpoint("10.0.1.13:80")},
      {endpoint("10.0.0.101:80"), kTcp, l2_dsr, endpoint("10.0.1.13:80")},
      {endpoint("[fd00::101]:53"), kUdp, l2_dsr, endpoint("[fd01::13]:53")},
      {endpoint("10.0.0.101:53"), kUdp, ipip, endpoint("10.0.1.11:53")},
      {endpoint("[fd00::101]:80"), kTcp, gue, endpoint("[fd01::12]:80"), TunnelKind::gue_header},
      {endpoint("10.0.0.101:443"), kTcp, gue, endpoint("10.0.1.12:443"), TunnelKind::gue_direct},
  }};
  return all;
}

test::World oracle_world() {
  test::World world = test::two_port_world();
  for (const char* pool : {kPool4, kPool6}) world.pools.push_back({address(pool)});
  for (const Served& service : served()) {
    test::WorldService made;
    made.listen = service.listen, made.protocol = service.protocol, made.method = service.method, made.tunnel = service.tunnel;
    made.backends.push_back({service.server});
    world.services.push_back(made);
  }
  return world;
}

const Served* served_at(const IpAddress& address, unsigned port, unsigned protocol) {
  return first_of(protocol, [&](const Served& service) { return is_at(service.listen, address, port); });
}

const Served* served_by(const IpAddress& address, unsigned port, unsigned protocol) {
  return first_of(protocol, [&](const Served& service) { return service.method == nat && is_at(service.server, address, port); });
}

bool is_vip(const IpAddress& address) {
  return std::ranges::any_of(served(), [&](const Served& service) { return service.listen.address == address; });
}

bool is_pool(const IpAddress& address) { return is_one_of(address, {kPool4, kPool6}); }

IpAddress pool_of(const Served& service) { return address(service.server.address.family == Family::ipv4 ? kPool4 : kPool6); }

bool is_ordinary(const IpAddress& address) {
  return is_one_of(address, {"10.0.0.5", "10.0.0.6", "192.0.2.7", "10.0.1.11", "10.0.1.12", "10.0.1.13", "fd00::5", "fd00::6",
                             "2001:db8::7", "fd01::11", "fd01::12", "fd01::13"});
}

std::string mac_of_server(const Served& service) {
  const std::string text = to_string(service.server.address);
  return test::server_mac(static_cast<unsigned>(std::stoul(text.substr(text.find_last_of(".:") + 1))));
}

std::optional<std::string> mac_to_client(const IpAddress& client) {
  if (is_one_of(client, {"10.0.0.5", "fd00::5"})) return std::string{test::kClient};
  if (is_one_of(client, {"192.0.2.7"})) return std::string{test::kGateway};
  return {};
}

}  // namespace tandem::fuzz
