// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_site.h"

#include <map>
#include <tuple>

namespace tandem::sim {
namespace {

constexpr std::uint16_t kWeb = 80, kTurns = 81;
const MacAddress kClientMac{{2, 0, 0, 0, 0xaa, 5}};

MacAddress server_mac(std::size_t server) { return {{2, 0, 0, 0, 0xbb, static_cast<std::uint8_t>(11 + server)}}; }

Prefix lan_of(std::size_t lan, std::size_t node) { return *parse_prefix(to_string(site_address(lan, node + 1)) + "/24"); }

test::WorldService service(std::size_t group, std::uint16_t port, SchedulerKind scheduler) {
  test::WorldService made;
  made.listen = {site_address(0, 200 + group), port};
  made.method = ForwardingMethod::l2_dsr, made.scheduler = scheduler;
  made.timeouts.established = kEstablishedSeconds;
  made.timeouts.fin = kFinSeconds, made.timeouts.time_wait = made.timeouts.reset = kClosedSeconds;
  for (std::size_t server = 0; server < kServers; ++server) made.backends.push_back({{site_address(1, 11 + server), port}});
  return made;
}

test::World site_of(std::size_t node) {
  test::World world;
  for (std::size_t lan = 0; lan < kLans; ++lan) {
    PortView port{node_mac(node, lan), 1500, TwinKind::none, true, {lan_of(lan, node)}, {}};
    port.peers = {{site_address(lan, 2 - node), 0, node_mac(1 - node, lan)}};
    world.ports.push_back(std::move(port));
    world.routes.push_back({*parse_prefix(to_string(site_address(lan, 0)) + "/24"), {}, static_cast<PortId>(lan), 0});
  }
  world.neighbours.push_back({site_address(0, 5), kClientMac, PortId{0}, 0});
  for (std::size_t server = 0; server < kServers; ++server)
    world.neighbours.push_back({site_address(1, 11 + server), server_mac(server), PortId{1}, 0});
  world.groups.resize(kGroups);
  for (std::size_t g = 0; g < kGroups; ++g) {
    world.group_of[site_address(0, 200 + g)] = static_cast<GroupId>(g);
    world.services.push_back(service(g, kWeb, SchedulerKind::consistent_round_robin));
    world.services.push_back(service(g, kTurns, SchedulerKind::round_robin));
  }
  world.pair = {true, kPairPort};
  return world;
}

}  // namespace

IpAddress site_address(std::size_t lan, std::size_t host) {
  return Ipv4Address{Be32{static_cast<std::uint32_t>(0x0a000000U + (lan << 8) + host)}};
}

MacAddress node_mac(std::size_t node, std::size_t lan) {
  return {{2, 0, 0, 0, static_cast<std::uint8_t>(node), static_cast<std::uint8_t>(lan)}};
}

Endpoint vip_of_client(std::uint16_t port) {
  return {site_address(0, 200 + group_of_client(port)), port / kGroups % 2 == 0 ? kWeb : kTurns};
}

const test::Bytes& client_frame(std::size_t to_node, std::uint16_t port, std::uint8_t tcp_flags) {
  static std::map<std::tuple<std::size_t, std::uint16_t, std::uint8_t>, test::Bytes> made;  // the same in every story
  test::Bytes& bytes = made[{to_node, port, tcp_flags}];
  const Endpoint vip = vip_of_client(port);
  if (bytes.empty())
    bytes = test::frame()
                .eth(node_mac(to_node, 0), kClientMac)
                .ipv4(to_string(site_address(0, 5)), to_string(vip.address))
                .tcp(static_cast<std::uint16_t>(1024 + port), vip.port, tcp_flags)
                .bytes();
  return bytes;
}

// Schedules cost more than all else and are the same in every story; turns are each node's own.
test::World site(std::size_t node, std::size_t workers) {
  static std::array<test::World, 2> known{site_of(0), site_of(1)};
  static const bool scheduled = [] {
    for (test::World& world : known) world.generation();
    return true;
  }();
  test::World world = known[node];
  if (scheduled)
    for (test::WorldService& each : world.services) each.turns.reset();
  world.workers = workers;
  return world;
}

std::size_t server_of(const MacAddress& target) {
  for (std::size_t server = 0; server < kServers; ++server)
    if (target == server_mac(server)) return server;
  return kServers;
}

}  // namespace tandem::sim
