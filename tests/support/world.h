// SPDX-License-Identifier: Apache-2.0
// A small network as a test describes it, made into a generation: ports, routes, neighbours, services. Change it and call
// generation() again for the next one; turns live on with their service, as in production.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/conn/port_book.h"
#include "dataplane/lb/quic_servers.h"
#include "dataplane/lb/schedule.h"
#include "dataplane/lb/turns.h"
#include "dataplane/model/generation.h"
#include "dataplane/model/life_rules.h"
#include "dataplane/model/service_meter.h"
#include "tests/support/packet_builder.h"

namespace tandem::test {

struct WorldBackend {
  Endpoint endpoint;
  BackendState state = BackendState::up;
  std::uint16_t weight = 1;
  std::uint8_t incarnation = 0;
  bool cut = false;          // its grace is over, or an operator said so
  QuicServerId server_id{};  // of a service that has a form for it
};

struct WorldService {
  Endpoint listen;
  Protocol protocol = Protocol::tcp;
  ForwardingMethod method = ForwardingMethod::nat;
  std::vector<WorldBackend> backends;
  TunnelKind tunnel = TunnelKind::ipip;
  std::optional<std::uint8_t> tunnel_dscp{};
  SchedulerKind scheduler = SchedulerKind::consistent_round_robin;
  Timeouts timeouts{};
  std::shared_ptr<ServiceTurns> turns{};                     // made at the first generation
  std::vector<std::shared_ptr<const Schedule>> schedules{};  // of members that it had so far: shared by generations
  std::optional<std::size_t> fallback{};                     // another of the world's services
  std::shared_ptr<const FormerSchedule> former{};            // what a test says it was before
  bool one_packet = false, reset_dead = false;
  std::optional<QuicIdForm> quic{};
  std::uint16_t more_ports = 0;  // a range of ports; a backend of port 0 is asked at its client's
  std::uint8_t host_bits = 0;    // a prefix of VIPs
  ClientAddress client_address = ClientAddress::none;
  std::shared_ptr<const PrefixRules> rules{};
  Limits limits{};
  std::shared_ptr<ServiceMeter> meter = std::make_shared<ServiceMeter>();
};

struct WorldNeighbour {
  IpAddress address;
  MacAddress mac;
  PortId port{};
  std::uint16_t vlan = 0;
};

// A source address for full-nat; its ports live on from generation to generation.
struct WorldPool {
  IpAddress address;
  std::shared_ptr<PortBook> ports = std::make_shared<PortBook>();
};

struct World {
  std::vector<PortView> ports;
  std::vector<RouteEntry> routes;
  std::vector<WorldNeighbour> neighbours;
  std::vector<WorldService> services;
  std::vector<WorldPool> pools;
  std::vector<GroupView> groups;
  std::map<IpAddress, GroupId> group_of;  // a VIP's group; an address that no service listens at is a gateway
  PairTraffic pair;
  std::shared_ptr<const GuardView> guard;
  Prefix tunnel_source4, tunnel_source6;
  std::vector<IpAddress> asked_vips;  // by checks
  std::size_t workers = 1;
  std::uint32_t cuts = 0;
  std::uint16_t route_version = 1;
  HashSeed seed{1, 2, 3};

  // Slot of a backend, counted through all services in order.
  BackendSlot slot(std::size_t service, std::size_t backend) const;
  std::unique_ptr<Generation> generation();

 private:
  std::uint64_t generations_ = 0;
};

// Two ports: p0 to clients (10.0.0.0/24, fd00::/64; gateway 10.0.0.254), p1 to servers (10.0.1.0/24, fd01::/64). Addresses of the
// node end in .1 or ::1. Known neighbours: the gateway, clients .5 and ::5, servers .11 to .13 and ::11 to ::13.
World two_port_world();

// MACs of that world: "02:00:00:00:00:01" and "…:02" are the node's, "02:00:00:00:aa:xx" clients', "02:00:00:00:bb:xx" servers'.
inline constexpr std::string_view kNode0 = "02:00:00:00:00:01", kNode1 = "02:00:00:00:00:02";
inline constexpr std::string_view kClient = "02:00:00:00:aa:05", kGateway = "02:00:00:00:aa:fe";
std::string server_mac(unsigned number);  // 11 → "02:00:00:00:bb:11"

WorldService nat_service(std::string_view listen, std::vector<std::string> backends, Protocol protocol = Protocol::tcp);
// What leaves goes through a tunnel: an IP header, and for GUE a UDP header and perhaps its own.
WorldService tunnel_service(std::string_view listen, std::vector<std::string> backends, TunnelKind kind, Protocol protocol = Protocol::tcp);
WorldService full_nat_service(std::string_view listen, std::vector<std::string> backends, Protocol protocol = Protocol::tcp);
WorldService dsr_service(std::string_view listen, std::vector<std::string> backends, Protocol protocol = Protocol::tcp);

}  // namespace tandem::test
