// SPDX-License-Identifier: Apache-2.0
// The parts of a generation, each made only when what it rests on changed, and kept when it came out the same.
#include <algorithm>

#include "controlplane/config/build.h"

namespace tandem::config {
namespace {

// True when the part really changed; otherwise the old one stays, and generations go on sharing it.
template <typename T>
bool renew(std::shared_ptr<const T>& part, T next) {
  if (part != nullptr && *part == next) return false;
  part = std::make_shared<const T>(std::move(next));
  return true;
}

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto doubled = std::ranges::unique(values);
  values.erase(doubled.begin(), doubled.end());
}

// To be changed in a few places, then published.
template <typename T>
std::shared_ptr<std::vector<T>> copy_of(const std::shared_ptr<const std::vector<T>>& part, std::size_t size) {
  auto copy = part == nullptr ? std::make_shared<std::vector<T>>() : std::make_shared<std::vector<T>>(*part);
  copy->resize(size);
  return copy;
}

template <typename T>
std::vector<T> copied(std::span<const T> values) {
  return {values.begin(), values.end()};
}

}  // namespace

std::unique_ptr<Generation> GenerationBuilder::build() {
  build_services();
  if (last_.index == nullptr || members_changed_ || (network_changed_ && !last_.index->vip_prefixes().empty())) build_index();
  if (ports_changed_ || network_changed_) build_ports();
  build_pair();
  build_routes();
  build_hops();
  if (last_.tunnels == nullptr || members_changed_) build_tunnels(), build_pools();
  members_changed_ = network_changed_ = ports_changed_ = false;
  return std::make_unique<Generation>(last_);
}

void GenerationBuilder::build_services() {
  if (changed_.empty() && last_.services != nullptr) return;
  auto services = copy_of(last_.services, ids_.high_water());
  auto backends = copy_of(last_.backends, slots_.high_water());
  for (const ServiceId id : changed_) {
    ServiceRecord* record = services_[index(id)].get();
    if (record != nullptr) record->refresh(keys_);
    (*services)[index(id)] = record == nullptr ? ServiceView{} : record->view();
    if (record == nullptr) continue;
    (*services)[index(id)].group = group_of(*record);
    (*services)[index(id)].rules = guard_.of(record->name());
    (*services)[index(id)].meter = meter_of(*record);
    if (record->method() == ForwardingMethod::full_nat) (*services)[index(id)].pools = pools_.given_to(record->group());
    const bool limited = limits_packets(*record);
    for (const Member& member : record->members()) {
      BackendView& view = (*backends)[index(member.slot)];
      const Fate fate = record->fate_of(member);
      if (fate == Fate::cut && view.fate != Fate::cut) ++last_.cuts;
      view = {member.address.address, member.address.port, id, slots_.incarnation(member.slot), member.state(), fate, limited};
    }
  }
  last_.services = std::move(services), last_.backends = std::move(backends);
  changed_.clear();
}

void GenerationBuilder::build_pair() {
  std::vector<GroupView> groups(groups_.all().size());
  std::ranges::transform(groups_.all(), groups.begin(), [](const ResolvedGroup& group) { return GroupView{group.transit}; });
  renew(last_.groups, std::move(groups));
  const bool speaks = pair_.ha.mode == HaMode::pair || pair_.sync.has_value();
  last_.pair = groups_.empty() ? PairTraffic{} : PairTraffic{true, speaks ? pair_.sync.value_or(Sync{}).port : std::uint16_t{0}};
}

void GenerationBuilder::build_ports() {
  std::vector<PortView> views;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PortInput& port = ports_[i];
    const PortId id = static_cast<PortId>(i);
    views.push_back({.mac = port.mac, .mtu_bytes = port.mtu_bytes, .twin = port.twin, .up = port.up});
    if (i < port_configs_.size()) views.back().vlans = port_configs_[i].vlan, views.back().peers = peers_on(port_configs_[i], id, network_);
    views.back().virtual_macs = groups_.virtual_macs(id);
    for (const LanState& state : network_.lans)
      if (state.lan.port == id) std::ranges::copy(state.addresses, std::back_inserter(views.back().addresses));
    sort_unique(views.back().addresses);
  }
  renew(last_.ports, std::move(views));
}

void GenerationBuilder::build_routes() {
  bool routes_changed = last_.routes == nullptr;
  if (network_changed_)
    if (std::vector<RouteEntry> entries = route_entries(network_, ports_); entries != route_entries_ || routes_changed) {
      route_entries_ = std::move(entries);
      next_hops_.set_routes(route_entries_);
      routes_changed = true;
      ++last_.route_version;
    }
  if (members_changed_) next_hops_.set_targets(hop_targets());
  number_next_hops();
  if (adjacencies_.frees() != frees_built_) ++last_.route_version;
  const bool neighbours_changed = last_.routes == nullptr || adjacencies_.keys_version() != keys_built_;
  if (routes_changed || neighbours_changed) {
    // Copied when they are the last one's: walking the table's thousands costs ten times as much.
    auto neighbours = neighbours_changed ? adjacencies_.entries() : copied(last_.routes->neighbours());
    last_.routes = std::make_shared<const Routes>(route_entries_, std::move(neighbours));
  }
  keys_built_ = adjacencies_.keys_version(), frees_built_ = adjacencies_.frees();
}

std::vector<HopTarget> GenerationBuilder::hop_targets() const {
  std::vector<HopTarget> targets;
  for (const auto& record : services_) {
    if (record == nullptr) continue;
    for (const Member& member : record->members())
      if (member.serves()) targets.push_back({member.slot, member.address.address, record->method() == ForwardingMethod::l2_dsr});
  }
  return targets;
}

void GenerationBuilder::number_next_hops() {
  const NextHops::Changed changed = next_hops_.take_changed();
  if (!changed.backends && !changed.gateways) return;
  wanted_ = next_hops_.wanted();
  adjacencies_.want(wanted_);
  renew(last_.known_sources, next_hops_.known());
  if (!changed.backends) return;
  unreachable_.clear();
  hop_ids_.assign(slots_.high_water(), kNoAdjacency);
  for (std::size_t i = 0; i < next_hops_.targets().size(); ++i) {
    const BackendSlot slot = next_hops_.targets()[i].slot;
    if (const auto& key = next_hops_.keys()[i]) hop_ids_[index(slot)] = adjacencies_.find(*key);
    else unreachable_.push_back(slot);
  }
}

void GenerationBuilder::build_hops() {
  const bool macs_changed = adjacencies_.macs_version() != macs_built_ || ports_changed_ || last_.adjacencies == nullptr;
  if (macs_changed) renew(last_.adjacencies, adjacencies_.adjacencies(ports_));
  macs_built_ = adjacencies_.macs_version();
  if (!macs_changed && !members_changed_ && !network_changed_) return;

  std::vector<Adjacency> hops(slots_.high_water());
  for (std::size_t slot = 0; slot < hop_ids_.size(); ++slot)
    if (hop_ids_[slot] != kNoAdjacency) hops[slot] = (*last_.adjacencies)[index(hop_ids_[slot])];
  renew(last_.backend_hops, std::move(hops));
}

void GenerationBuilder::build_tunnels() {
  const auto has_tunnels = [](const auto& record) { return record != nullptr && record->has_tunnels(); };
  std::vector<TunnelView> tunnels(std::ranges::any_of(services_, has_tunnels) ? slots_.high_water() : 0);
  for (const auto& record : services_) {
    if (!has_tunnels(record)) continue;
    for (const Member& member : record->members()) tunnels[index(member.slot)] = record->tunnel_to(member);
  }
  renew(last_.tunnels, std::move(tunnels));
}

void GenerationBuilder::build_pools() { renew(last_.pools, pools_.views(groups_)); }

}  // namespace tandem::config
