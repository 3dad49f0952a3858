// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/resolve_next_hops.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tandem::config {
namespace {

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto doubled = std::ranges::unique(values);
  values.erase(doubled.begin(), doubled.end());
}

std::vector<NextHopKey> gateways_of(const Routes& routes) {
  std::vector<NextHopKey> gateways;
  for (const RouteEntry& route : routes.routes())
    if (route.gateway) gateways.push_back({*route.gateway, {route.port, route.vlan}});
  sort_unique(gateways);
  return gateways;
}

// Prefixes whose route is in one of the two alone. Both are in the same order: longest first, then by address.
std::vector<Prefix> differing(std::span<const RouteEntry> before, std::span<const RouteEntry> after) {
  const auto missing_from = [](std::span<const RouteEntry> all, const RouteEntry& route) {
    const auto order = [](const RouteEntry& a, const RouteEntry& b) {
      return a.prefix.length != b.prefix.length ? a.prefix.length > b.prefix.length : a.prefix.address < b.prefix.address;
    };
    const auto at = std::lower_bound(all.begin(), all.end(), route, order);
    return at == all.end() || !(*at == route);
  };
  std::vector<Prefix> out;
  for (const RouteEntry& route : before)
    if (missing_from(after, route)) out.push_back(route.prefix);
  for (const RouteEntry& route : after)
    if (missing_from(before, route)) out.push_back(route.prefix);
  return out;
}

}  // namespace

void NextHops::set_targets(std::vector<HopTarget> targets) {
  if (targets == targets_) return;
  targets_ = std::move(targets);
  keys_.clear(), sorted_addresses_.clear();
  for (const HopTarget& target : targets_) keys_.push_back(look_up(target)), sorted_addresses_.push_back(target.address);
  sort_unique(sorted_addresses_);
  sort_keys();
}

void NextHops::set_routes(std::vector<RouteEntry> routes) {
  Routes next{std::move(routes), {}};
  const std::vector<Prefix> changed_prefixes = differing(ways_.routes(), next.routes());
  ways_ = std::move(next);
  bool some_changed = false;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const auto holds = [&](const Prefix& prefix) { return prefix.contains(targets_[i].address); };
    if (std::ranges::none_of(changed_prefixes, holds)) continue;
    const std::optional<NextHopKey> key = look_up(targets_[i]);
    some_changed |= key != keys_[i];
    keys_[i] = key;
  }
  if (some_changed) sort_keys();
  std::vector<NextHopKey> gateways = gateways_of(ways_);
  changed_.gateways |= gateways != gateways_;
  gateways_ = std::move(gateways);
}

void NextHops::set_peers(std::vector<NextHopKey> peers) {
  sort_unique(peers);
  changed_.gateways |= peers != peers_;
  peers_ = std::move(peers);
}

void NextHops::set_asked(std::vector<IpAddress> vips) {
  sort_unique(vips);
  changed_.gateways |= vips != asked_;
  asked_ = std::move(vips);
}

NextHops::Changed NextHops::take_changed() { return std::exchange(changed_, {}); }

std::vector<NextHopKey> NextHops::wanted() const {
  std::vector<NextHopKey> others, all;
  std::ranges::set_union(gateways_, peers_, std::back_inserter(others));
  std::ranges::set_union(sorted_keys_, others, std::back_inserter(all));
  return all;
}

std::vector<IpAddress> NextHops::known() const {
  std::vector<IpAddress> others = asked_, all;
  for (const NextHopKey& key : gateways_) others.push_back(key.address);
  for (const NextHopKey& key : peers_) others.push_back(key.address);
  sort_unique(others);
  std::ranges::set_union(sorted_addresses_, others, std::back_inserter(all));
  return all;
}

void NextHops::sort_keys() {
  sorted_keys_.clear();
  for (const std::optional<NextHopKey>& key : keys_)
    if (key) sorted_keys_.push_back(*key);
  sort_unique(sorted_keys_);
  changed_.backends = true;
}

std::optional<NextHopKey> NextHops::look_up(const HopTarget& target) const {
  const std::optional<NextHop> hop = ways_.find(target.address);
  if (!hop || (target.on_link_only && hop->address != target.address)) return std::nullopt;
  return NextHopKey{hop->address, {hop->port, hop->vlan}};
}

}  // namespace tandem::config
