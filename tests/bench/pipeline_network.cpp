// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_network.h"

#include <cstring>

namespace tandem::bench {
namespace {

constexpr unsigned kFirstServer = 11, kNeighboursKnown = 3;  // the other servers are introduced here
constexpr std::size_t kFirstPieceBytes = 40;                 // of a datagram in two fragments: its TCP header, and as much again

const char* clients(Family family) { return family == Family::ipv4 ? "32.0.0.0" : "2001:db8::"; }
const char* pools(Family family) { return family == Family::ipv4 ? "10.2.0.0" : "fd02::"; }
const char* group_mac(Family family) { return family == Family::ipv4 ? kGroupMac4 : kGroupMac6; }

IpAddress with_tail(IpAddress address, std::uint32_t tail) {
  const Be32 low{tail};
  std::memcpy(address.bytes.data() + 12, &low, sizeof low);
  return address;
}

std::string server_of(Family family, unsigned number) { return (family == Family::ipv4 ? "10.0.1." : "fd01::") + std::to_string(number); }

std::string at_port(Family family, const std::string& address, unsigned port) {
  return (family == Family::ipv4 ? address : "[" + address + "]") + ":" + std::to_string(port);
}

test::WorldService service_of(const ServiceKind& kind) {
  std::vector<std::string> servers;
  for (unsigned i = 0; i < kServers; ++i) servers.push_back(at_port(kind.servers, server_of(kind.servers, kFirstServer + i), 8080));
  test::WorldService made = test::nat_service(at_port(kind.family, vip_of(kind), 80), servers);
  made.method = kind.method;
  made.tunnel = kind.tunnel;
  return made;
}

void introduce_neighbours(test::World& world) {
  for (unsigned number = kFirstServer + kNeighboursKnown; number < kFirstServer + kServers; ++number)
    for (Family family : {Family::ipv4, Family::ipv6})
      world.neighbours.push_back({test::address(server_of(family, number)), test::mac(test::server_mac(number)), PortId{1}, 0});
  world.routes.push_back({parse_prefix("::/0").value(), test::address("fd00::fe"), PortId{0}, 0});
  world.neighbours.push_back({test::address("fd00::fe"), test::mac(test::kGateway), PortId{0}, 0});
}

test::Frame ends_of(const Pattern& pattern) {
  const Family family = pattern.family();
  const char* client = clients(family);
  if (pattern.direction == Direction::from_client)
    return test::frame().eth(pattern.to_group ? group_mac(family) : test::kNode0, test::kGateway).ip(client, vip_of(pattern.service));
  const bool to_pool = pattern.service.method == ForwardingMethod::full_nat;
  return test::frame()
      .eth(test::kNode1, test::server_mac(kFirstServer))
      .ip(server_of(family, kFirstServer), to_pool ? pools(family) : client);
}

}  // namespace

test::World pipeline_network(std::size_t pools_of_each) {
  test::World made = test::two_port_world();
  made.ports[0].virtual_macs = {{test::mac(kGroupMac4), 0, GroupId{0}}, {test::mac(kGroupMac6), 0, GroupId{0}}};
  introduce_neighbours(made);
  for (const ServiceKind& kind : kServices) made.services.push_back(service_of(kind));
  for (Family family : {Family::ipv4, Family::ipv6})
    for (std::uint32_t pool = 0; pool < pools_of_each; ++pool)
      made.pools.push_back({with_tail(test::address(pools(family)), pool_tail(family, pool))});
  return made;
}

std::string vip_of(const ServiceKind& kind) {
  return (kind.family == Family::ipv4 ? "10.0.0." : "fd00::") + std::to_string(100 + place_of(kind));
}

IpAddress client_of(Family family, const Flow& flow) {
  static const IpAddress v4 = test::address(clients(Family::ipv4)), v6 = test::address(clients(Family::ipv6));
  return with_tail(family == Family::ipv4 ? v4 : v6, flow.client);
}

test::Bytes frame_of(const Pattern& pattern) {
  test::Frame frame = ends_of(pattern);
  if (pattern.piece == Piece::later) return frame.fragment(kFirstPieceBytes, false).protocol(6).payload(20).pad_to(60).bytes();
  if (pattern.piece == Piece::first) frame.fragment(0, true).tcp(1, 80, kTcpAck).payload(kFirstPieceBytes - sizeof(TcpHeader));
  else if (pattern.direction == Direction::from_client) frame.tcp(1, 80, kTcpAck);
  else frame.tcp(8080, 1, kTcpAck);
  return frame.pad_to(60).bytes();
}

}  // namespace tandem::bench
