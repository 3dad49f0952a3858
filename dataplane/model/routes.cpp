// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/routes.h"

#include <algorithm>
#include <tuple>

namespace tandem {
namespace {

auto order(const RouteEntry& route) {
  return std::tuple{-int{route.prefix.length}, route.prefix.address.family, route.prefix.address.bytes};
}

auto order(const NeighbourEntry& neighbour) { return std::tuple{neighbour.address, neighbour.port, neighbour.vlan}; }

}  // namespace

Routes::Routes(std::vector<RouteEntry> routes, std::vector<NeighbourEntry> neighbours)
    : routes_{std::move(routes)}, neighbours_{std::move(neighbours)} {
  for (RouteEntry& route : routes_) route.prefix.address = route.prefix.network();
  std::ranges::stable_sort(routes_, [](const RouteEntry& a, const RouteEntry& b) { return order(a) < order(b); });
  const auto doubled = std::ranges::unique(routes_, [](const RouteEntry& a, const RouteEntry& b) { return a.prefix == b.prefix; });
  routes_.erase(doubled.begin(), doubled.end());
  const auto before = [](const NeighbourEntry& a, const NeighbourEntry& b) { return order(a) < order(b); };
  if (!std::ranges::is_sorted(neighbours_, before)) std::ranges::sort(neighbours_, before);

  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Prefix& prefix = routes_[i].prefix;
    if (groups_.empty() || groups_.back().length != prefix.length || groups_.back().family != prefix.address.family)
      groups_.push_back({prefix.address.family, prefix.length, i, i});
    groups_.back().end = i + 1;
  }
}

std::optional<NextHop> Routes::find(const IpAddress& destination) const noexcept {
  const RouteEntry* route = longest_match(destination);
  if (route == nullptr) return std::nullopt;
  NextHop hop{route->gateway.value_or(destination), route->port, route->vlan, kNoAdjacency};
  hop.adjacency = adjacency_of(hop);
  return hop;
}

const RouteEntry* Routes::longest_match(const IpAddress& destination) const noexcept {
  for (const Group& group : groups_) {
    if (group.family != destination.family) continue;
    const IpAddress network = Prefix{destination, group.length}.network();
    const RouteEntry* end = routes_.data() + group.end;
    const RouteEntry* at = std::lower_bound(routes_.data() + group.begin, end, network,
                                            [](const RouteEntry& route, const IpAddress& wanted) { return route.prefix.address < wanted; });
    if (at != end && at->prefix.address == network) return at;
  }
  return nullptr;
}

AdjacencyId Routes::adjacency_of(const NextHop& hop) const noexcept {
  const std::tuple wanted{hop.address, hop.port, hop.vlan};
  const auto at = std::lower_bound(neighbours_.begin(), neighbours_.end(), wanted,
                                   [](const NeighbourEntry& neighbour, const auto& value) { return order(neighbour) < value; });
  return at != neighbours_.end() && order(*at) == wanted ? at->adjacency : kNoAdjacency;
}

}  // namespace tandem
