// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/resolve_adjacency.h"

namespace tandem::config {

void AdjacencyTable::want(std::vector<NextHopKey> keys) {
  auto before = wanted_.begin();
  for (const NextHopKey& key : keys) {
    while (before != wanted_.end() && *before < key) set_wanted(*before++, false);
    if (before != wanted_.end() && *before == key) ++before;
    else set_wanted(key, true);
  }
  while (before != wanted_.end()) set_wanted(*before++, false);
  wanted_ = std::move(keys);
}

AdjacencyId AdjacencyTable::find(const NextHopKey& key) const {
  const auto at = ids_.find(key);
  return at == ids_.end() ? kNoAdjacency : at->second;
}

// Both lists are sorted, so one walk finds the differences: a view of thousands in which one changed costs its comparison.
void AdjacencyTable::learn(std::vector<Neighbour> now) {
  const std::size_t left_out_before = left_out_;
  auto before = learnt_.begin();
  for (const Neighbour& neighbour : now) {
    while (before != learnt_.end() && before->key < neighbour.key) set((before++)->key, nullptr);
    const bool same = before != learnt_.end() && before->key == neighbour.key;
    if (!same || before->mac != neighbour.mac) set(neighbour.key, &neighbour.mac);
    if (same) ++before;
  }
  while (before != learnt_.end()) set((before++)->key, nullptr);
  learnt_ = std::move(now);
  // Who found no number asks again with the next view.
  if (left_out_ != left_out_before) std::erase_if(learnt_, [&](const Neighbour& known) { return find(known.key) == kNoAdjacency; });
}

std::vector<Adjacency> AdjacencyTable::adjacencies(std::span<const PortInput> ports) const {
  std::vector<Adjacency> out(hops_.size());
  for (std::size_t i = 0; i < hops_.size(); ++i) {
    const Hop& hop = hops_[i];
    const std::size_t port = index(hop.key.lan.port);
    if (!hop.used || port >= ports.size()) continue;
    out[i].target = hop.mac, out[i].source = ports[port].mac, out[i].port = hop.key.lan.port, out[i].vlan = Be16{hop.key.lan.vlan};
    if (hop.resolved) out[i].flags |= kAdjacencyResolved;
    if (hop.key.lan.vlan != 0) out[i].flags |= kAdjacencyTagged;
  }
  return out;
}

std::vector<NeighbourEntry> AdjacencyTable::entries() const {
  std::vector<NeighbourEntry> out;
  out.reserve(ids_.size());
  for (const auto& [key, id] : ids_) out.push_back({key.address, key.lan.port, key.lan.vlan, id});
  return out;
}

AdjacencyId AdjacencyTable::number(const NextHopKey& key) {
  if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  if (freed_.empty() && hops_.size() == capacity_) free_unused();
  if (freed_.empty() && hops_.size() == capacity_) return ++left_out_, kNoAdjacency;

  AdjacencyId id = static_cast<AdjacencyId>(hops_.size());
  if (freed_.empty()) hops_.emplace_back();
  else id = freed_.back(), freed_.pop_back();
  hops_[index(id)] = Hop{.key = key, .used = true};
  ids_.emplace(key, id);
  ++keys_version_, ++macs_version_;
  return id;
}

void AdjacencyTable::set(const NextHopKey& key, const MacAddress* mac) {
  const AdjacencyId id = mac != nullptr ? number(key) : find(key);
  if (id == kNoAdjacency) return;
  Hop& hop = hops_[index(id)];
  hop.resolved = mac != nullptr;
  hop.mac = mac != nullptr ? *mac : MacAddress{};
  ++macs_version_;
}

void AdjacencyTable::set_wanted(const NextHopKey& key, bool wanted) {
  const AdjacencyId id = wanted ? number(key) : find(key);
  if (id != kNoAdjacency) hops_[index(id)].wanted = wanted;
}

void AdjacencyTable::free_unused() {
  for (std::size_t i = 0; i < hops_.size(); ++i) {
    if (!hops_[i].used || hops_[i].resolved || hops_[i].wanted) continue;
    ids_.erase(hops_[i].key);
    hops_[i] = Hop{};
    freed_.push_back(static_cast<AdjacencyId>(i));
  }
  if (freed_.empty()) return;
  ++frees_, ++keys_version_;
}

}  // namespace tandem::config
