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
#include "dataplane/model/nat_backends.h"

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
  ServiceView view{};
  view.used = true, view.method = service.method, view.protocol = service.protocol;
  view.vip = service.listen.address, view.port = service.listen.port;
  view.timeouts = service.timeouts;
  view.former = service.former;
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
  view.one_packet = service.one_packet;
  std::vector<QuicServers::Server> named;
  for (std::size_t i = 0; i < service.backends.size(); ++i) named.push_back({service.backends[i].server_id, world.slot(number, i)});
  if (service.quic) view.quic = std::make_shared<const QuicServers>(*service.quic, std::move(named));
  view.rules = service.rules;
  view.limits = service.limits;
  if (service.limits.any()) view.meter = service.meter;
  if (service.fallback) view.fallback = static_cast<ServiceId>(*service.fallback);
  view.more_ports = service.more_ports, view.client_address = service.client_address;
  return view;
}

NatUser nat_user(const World& world, std::size_t s) {
  const WorldService& service = world.services[s];
  return {static_cast<ServiceId>(s), service.protocol, PortRange{service.listen.port, service.more_ports}, service.host_bits,
          group_of(world, service.listen.address)};
}

// Of the service that has them, and of each that borrows them.
void add_backends(const World& world, std::size_t s, std::vector<NatBackendEntry>& given) {
  for (std::size_t b = 0; b < world.services[s].backends.size(); ++b)
    for (std::size_t user = 0; user < world.services.size(); ++user)
      if (user == s || world.services[user].fallback == s)
        given.push_back(nat_backend_of(nat_user(world, user), world.services[s].backends[b].endpoint, world.slot(s, b)));
}

std::vector<IpAddress> own_addresses(const World& world) {
  std::vector<IpAddress> out;
  for (const PortView& port : world.ports)
    for (const Prefix& own : port.addresses) out.push_back(own.address);
  return out;
}

void note_method(std::map<IpAddress, bool>& one_way, const IpAddress& vip, ForwardingMethod method) {
  bool& all = one_way.try_emplace(vip, true).first->second;
  all = all && is_one_way(method);
}

void note_prefix(std::vector<VipEntry>& vips, const VipEntry& prefix) {
  const auto same = [&](const VipEntry& each) { return each.prefix() == prefix.prefix(); };
  if (std::ranges::none_of(vips, same)) vips.push_back(prefix);
}

std::shared_ptr<const VipIndex> index_of(const World& world) {
  std::map<IpAddress, bool> one_way;
  std::vector<VipEntry> vips;
  std::vector<ListenEntry> listens;
  std::vector<NatBackendEntry> given;
  for (std::size_t s = 0; s < world.services.size(); ++s) {
    const WorldService& service = world.services[s];
    const IpAddress& vip = service.listen.address;
    if (service.host_bits != 0) note_prefix(vips, {vip, 0, group_of(world, vip), kNoPool, service.host_bits});
    else note_method(one_way, vip, service.method);
    listens.push_back({vip, service.protocol, service.listen.port, static_cast<ServiceId>(s), service.more_ports, service.host_bits});
    if (service.method == ForwardingMethod::nat) add_backends(world, s, given);
  }
  for (const auto& [address, group] : world.group_of) one_way.emplace(address, false);
  std::erase_if(one_way, [&](const auto& each) {  // named for its group alone
    return std::ranges::any_of(vips, [&](const VipEntry& prefix) { return prefix.address == each.first; });
  });
  for (const auto& [address, flag] : one_way) {
    const GroupId group = group_of(world, address);
    vips.push_back({address, flag && group == kNoGroup ? kVipOneWay : std::uint8_t{0}, group});
  }
  for (std::size_t i = 0; i < world.pools.size(); ++i) {
    const IpAddress& address = world.pools[i].address;
    std::erase_if(vips, [&](const VipEntry& vip) { return vip.address == address; });  // named for its group alone
    vips.push_back({address, kVipPool, group_of(world, address), static_cast<PoolSlot>(i)});
  }
  NatBackends backends = one_entry_each(std::move(given));
  return std::make_shared<VipIndex>(vips, listens, backends.entries, std::move(backends.sharers), own_addresses(world));
}

std::shared_ptr<const std::vector<IpAddress>> known_of(const World& world) {
  std::set<IpAddress> known;
  for (const WorldService& service : world.services)
    for (const WorldBackend& backend : service.backends) known.insert(backend.endpoint.address);
  for (const RouteEntry& route : world.routes)
    if (route.gateway) known.insert(*route.gateway);
  known.insert(world.asked_vips.begin(), world.asked_vips.end());
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
  made->cuts = cuts;
  Network network = network_of(*this);
  std::vector<ServiceView> views;
  std::vector<BackendView> backends;
  std::vector<Adjacency> hops;
  std::vector<TunnelView> tunnels;
  for (std::size_t s = 0; s < services.size(); ++s) {
    views.push_back(service_of(*this, services[s], s, made->keys.schedule));
    for (const WorldBackend& backend : services[s].backends) {
      const Fate fate = fate_of(backend.state, {services[s].protocol, services[s].reset_dead, services[s].quic.has_value()}, backend.cut);
      backends.push_back({backend.endpoint.address, backend.endpoint.port, static_cast<ServiceId>(s), backend.incarnation, backend.state,
                          fate, services[s].limits.packets()});
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
