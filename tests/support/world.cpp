// SPDX-License-Identifier: Apache-2.0
#include "tests/support/world.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "common/base/ensure.h"
#include "dataplane/lb/flow_hash.h"
#include "dataplane/lb/live_set.h"
#include "dataplane/lb/owner.h"

namespace tandem::test {

namespace {

Adjacency adjacency_of(const World& world, const WorldNeighbour& neighbour) {
  Adjacency adjacency{neighbour.mac, world.ports[index(neighbour.port)].mac, neighbour.port, kAdjacencyResolved, Be16{neighbour.vlan}};
  if (neighbour.vlan != 0) adjacency.flags |= kAdjacencyTagged;
  return adjacency;
}

struct Network {
  std::vector<Adjacency> adjacencies;
  std::shared_ptr<const Routes> routes;
};

Network network_of(const World& world) {
  Network network;
  std::vector<NeighbourEntry> entries;
  for (const WorldNeighbour& neighbour : world.neighbours) {
    entries.push_back({neighbour.address, neighbour.port, neighbour.vlan, static_cast<AdjacencyId>(network.adjacencies.size())});
    network.adjacencies.push_back(adjacency_of(world, neighbour));
  }
  network.routes = std::make_shared<Routes>(world.routes, entries);
  return network;
}

Adjacency hop_to(const Network& network, const IpAddress& target) {
  const auto hop = network.routes->find(target);
  return hop && hop->adjacency != kNoAdjacency ? network.adjacencies[index(hop->adjacency)] : Adjacency{};
}

bool is_made_of(const Schedule& schedule, const std::vector<ScheduleMember>& members, SchedulerKind kind) {
  const auto is_same = [&](const ScheduleMember& member) {
    const MemberIndex at = schedule.find(member.identity);
    return at != kNoMember && schedule.slot_of(at) == member.slot && schedule.members()[at].weight == member.weight;
  };
  return schedule.options().kind == kind && schedule.size() == members.size() && std::all_of(members.begin(), members.end(), is_same);
}

std::shared_ptr<const Schedule> schedule_of(WorldService& service, const HashSeed& seed, const std::vector<ScheduleMember>& members) {
  for (const auto& known : service.schedules)
    if (is_made_of(*known, members, service.scheduler)) return known;
  return service.schedules.emplace_back(std::make_shared<Schedule>(seed, members, ScheduleOptions{.kind = service.scheduler}));
}

GroupId group_of(const World& world, const IpAddress& vip) {
  const auto held = world.group_of.find(vip);
  return held == world.group_of.end() ? kNoGroup : held->second;
}

std::array<std::vector<PoolSlot>, 2> pools_of(const World& world, GroupId group) {
  std::array<std::vector<PoolSlot>, 2> pools;
  for (std::size_t i = 0; i < world.pools.size(); ++i)
    if (group_of(world, world.pools[i].address) == group)
      pools[world.pools[i].address.family == Family::ipv4 ? 0 : 1].push_back(static_cast<PoolSlot>(i));
  return pools;
}

std::shared_ptr<const std::vector<PoolView>> pool_views(const World& world) {
  std::vector<PoolView> views;
  for (const WorldPool& pool : world.pools) views.push_back({pool.address, group_of(world, pool.address), true, pool.ports});
  return std::make_shared<std::vector<PoolView>>(std::move(views));
}

// A service's members are its backends of weight above 0, by address order of the schedule.
ServiceView service_of(const World& world, WorldService& service, std::size_t number, const SipKey& key) {
  std::vector<ScheduleMember> members;
  for (std::size_t i = 0; i < service.backends.size(); ++i) {
    const WorldBackend& backend = service.backends[i];
    if (backend.weight == 0 || backend.state == BackendState::gone || backend.state == BackendState::unused) continue;
    members.push_back({world.slot(number, i), member_identity(key, backend.endpoint, service.protocol), backend.weight});
  }
  ServiceView view{
      true, service.method, service.protocol, service.listen.address, service.listen.port, service.timeouts, {}, {}, {}, {}, {}, {}, {}};
  const std::shared_ptr<const Schedule> schedule = schedule_of(service, world.seed, members);
  if (!service.turns || service.turns->size() != schedule->size()) service.turns = std::make_shared<ServiceTurns>(schedule->size());
  std::vector<bool> eligible;
  for (const ScheduleMember& member : schedule->members()) {
    view.members.push_back(member.slot);
    for (std::size_t i = 0; i < service.backends.size(); ++i)
      if (world.slot(number, i) == member.slot) eligible.push_back(service.backends[i].state == BackendState::up);
  }
  view.group = group_of(world, service.listen.address);
  if (service.method == ForwardingMethod::full_nat) view.pools = pools_of(world, view.group);
  std::vector<BackendsByAddress::Place> places;
  for (std::size_t i = 0; i < service.backends.size(); ++i) places.emplace_back(service.backends[i].endpoint, world.slot(number, i));
  view.by_address = std::make_shared<const BackendsByAddress>(std::move(places));
  view.live = std::make_shared<LiveSet>(*schedule, eligible);
  view.schedule = schedule;
  view.turns = service.turns;
  view.rules = service.rules;
  view.limits = service.limits;
  if (service.limits.any()) view.meter = service.meter;
  if (service.fallback) view.fallback = static_cast<ServiceId>(*service.fallback);
  return view;
}

bool lends(const World& world, std::size_t service) {
  return std::ranges::any_of(world.services, [&](const WorldService& each) { return each.fallback == service; });
}

std::shared_ptr<const VipIndex> index_of(const World& world) {
  std::map<IpAddress, bool> one_way;
  std::vector<ListenEntry> listens;
  std::map<std::tuple<IpAddress, Protocol, std::uint16_t>, NatBackendEntry> backends;
  for (std::size_t s = 0; s < world.services.size(); ++s) {
    const WorldService& service = world.services[s];
    const auto [vip, fresh] = one_way.emplace(service.listen.address, true);
    vip->second = vip->second && is_one_way(service.method);
    listens.push_back({service.listen.address, service.protocol, service.listen.port, static_cast<ServiceId>(s)});
    if (service.method != ForwardingMethod::nat) continue;
    for (std::size_t b = 0; b < service.backends.size(); ++b) {
      const Endpoint& at = service.backends[b].endpoint;
      const std::uint32_t group = 1U << index(group_of(world, service.listen.address));
      const ServiceId proven = lends(world, s) ? kNoService : static_cast<ServiceId>(s);
      const NatBackendEntry entry{at.address, service.protocol, at.port, proven, world.slot(s, b), group};
      const auto [held, alone] = backends.emplace(std::tuple{at.address, service.protocol, at.port}, entry);
      held->second.groups |= group;
      if (!alone) held->second.service = kNoService;
    }
  }
  std::vector<VipEntry> vips;
  for (const auto& [address, group] : world.group_of) one_way.emplace(address, false);
  for (const auto& [address, flag] : one_way) {
    const GroupId group = group_of(world, address);
    vips.push_back({address, flag && group == kNoGroup ? kVipOneWay : std::uint8_t{0}, group});
  }
  for (std::size_t i = 0; i < world.pools.size(); ++i) {
    const IpAddress& address = world.pools[i].address;
    std::erase_if(vips, [&](const VipEntry& vip) { return vip.address == address; });  // named for its group alone
    vips.push_back({address, kVipPool, group_of(world, address), static_cast<PoolSlot>(i)});
  }
  std::vector<NatBackendEntry> entries;
  for (const auto& [key, entry] : backends) entries.push_back(entry);
  return std::make_shared<VipIndex>(vips, listens, entries);
}

std::shared_ptr<const std::vector<IpAddress>> known_of(const World& world) {
  std::set<IpAddress> known;
  for (const WorldService& service : world.services)
    for (const WorldBackend& backend : service.backends) known.insert(backend.endpoint.address);
  for (const RouteEntry& route : world.routes)
    if (route.gateway) known.insert(*route.gateway);
  return std::make_shared<std::vector<IpAddress>>(known.begin(), known.end());
}

TunnelView tunnel_to(const World& world, const WorldService& service, const WorldBackend& backend) {
  if (!is_tunnelled(service.method)) return {};
  const Family outer = backend.endpoint.address.family;
  return make_tunnel({service.tunnel, service.listen.address.family, outer == Family::ipv4 ? world.tunnel_source4 : world.tunnel_source6,
                      backend.endpoint.address, kGuePort, service.tunnel_dscp});
}

WorldService service(std::string_view listen, const std::vector<std::string>& backends, Protocol protocol, ForwardingMethod method) {
  WorldService made;
  made.listen = endpoint(listen);
  made.protocol = protocol;
  made.method = method;
  for (const std::string& text : backends) made.backends.push_back({endpoint(text)});
  return made;
}

Prefix prefix(std::string_view text) {
  const auto parsed = parse_prefix(text);
  ensure(parsed.has_value());
  return *parsed;
}

}  // namespace

BackendSlot World::slot(std::size_t service, std::size_t backend) const {
  std::size_t before = 0;
  for (std::size_t s = 0; s < service; ++s) before += services[s].backends.size();
  return static_cast<BackendSlot>(before + backend);
}

std::unique_ptr<Generation> World::generation() {
  auto made = std::make_unique<Generation>();
  made->number = ++generations_;
  made->keys = {derive_key(seed, "table"), derive_key(seed, "schedule"), derive_key(seed, "fragments")};
  made->owners = even_owners(workers);
  made->route_version = route_version;
  Network network = network_of(*this);
  std::vector<ServiceView> views;
  std::vector<BackendView> backends;
  std::vector<Adjacency> hops;
  std::vector<TunnelView> tunnels;
  for (std::size_t s = 0; s < services.size(); ++s) {
    views.push_back(service_of(*this, services[s], s, made->keys.schedule));
    for (const WorldBackend& backend : services[s].backends) {
      backends.push_back({backend.endpoint.address, backend.endpoint.port, static_cast<ServiceId>(s), backend.incarnation, backend.state,
                          services[s].limits.packets()});
      hops.push_back(hop_to(network, backend.endpoint.address));
      tunnels.push_back(tunnel_to(*this, services[s], backend));
    }
  }
  made->ports = std::make_shared<std::vector<PortView>>(ports);
  made->index = index_of(*this);
  made->services = std::make_shared<std::vector<ServiceView>>(std::move(views));
  made->backends = std::make_shared<std::vector<BackendView>>(std::move(backends));
  made->backend_hops = std::make_shared<std::vector<Adjacency>>(std::move(hops));
  made->tunnels = std::make_shared<std::vector<TunnelView>>(std::move(tunnels));
  made->pools = pool_views(*this);
  made->adjacencies = std::make_shared<std::vector<Adjacency>>(std::move(network.adjacencies));
  made->routes = network.routes;
  made->known_sources = known_of(*this);
  made->groups = std::make_shared<std::vector<GroupView>>(groups);
  made->pair = pair;
  made->guard = guard;
  return made;
}

std::string server_mac(unsigned number) { return "02:00:00:00:bb:" + std::to_string(number); }

World two_port_world() {
  World world;
  world.tunnel_source4 = prefix("198.51.100.0/24"), world.tunnel_source6 = prefix("2001:db8:100::/64");
  world.ports.push_back({mac(kNode0), 1500, TwinKind::tap, true, {prefix("10.0.0.1/24"), prefix("fd00::1/64")}, {}});
  world.ports.push_back({mac(kNode1), 1500, TwinKind::tap, true, {prefix("10.0.1.1/24"), prefix("fd01::1/64")}, {}});
  const PortId p0{0}, p1{1};
  world.routes = {{prefix("10.0.0.0/24"), {}, p0, 0},
                  {prefix("10.0.1.0/24"), {}, p1, 0},
                  {prefix("0.0.0.0/0"), address("10.0.0.254"), p0, 0},
                  {prefix("fd00::/64"), {}, p0, 0},
                  {prefix("fd01::/64"), {}, p1, 0}};
  world.neighbours = {
      {address("10.0.0.254"), mac(kGateway), p0, 0}, {address("10.0.0.5"), mac(kClient), p0, 0}, {address("fd00::5"), mac(kClient), p0, 0}};
  for (unsigned server = 11; server <= 13; ++server) {
    world.neighbours.push_back({address("10.0.1." + std::to_string(server)), mac(server_mac(server)), p1, 0});
    world.neighbours.push_back({address("fd01::" + std::to_string(server)), mac(server_mac(server)), p1, 0});
  }
  return world;
}

WorldService nat_service(std::string_view listen, std::vector<std::string> backends, Protocol protocol) {
  return service(listen, backends, protocol, ForwardingMethod::nat);
}

WorldService tunnel_service(std::string_view listen, std::vector<std::string> backends, TunnelKind kind, Protocol protocol) {
  WorldService made = service(listen, backends, protocol, kind == TunnelKind::ipip ? ForwardingMethod::ipip : ForwardingMethod::gue);
  made.tunnel = kind;
  return made;
}

WorldService full_nat_service(std::string_view listen, std::vector<std::string> backends, Protocol protocol) {
  return service(listen, backends, protocol, ForwardingMethod::full_nat);
}

WorldService dsr_service(std::string_view listen, std::vector<std::string> backends, Protocol protocol) {
  return service(listen, backends, protocol, ForwardingMethod::l2_dsr);
}

}  // namespace tandem::test
