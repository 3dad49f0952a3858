// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/pools.h"

#include <algorithm>

namespace tandem::config {
namespace {

struct Wanted {
  IpAddress address;
  std::string group;
};

std::vector<Wanted> wanted_by(const Config& config) {
  std::vector<Wanted> wanted;
  for (const IpAddress& address : config.node.pool) wanted.push_back({address, ""});
  for (const Group& group : config.group)
    for (const IpAddress& address : group.pool) wanted.push_back({address, group.name});
  return wanted;
}

bool is_wanted(const std::vector<Wanted>& wanted, const IpAddress& address, std::string_view group) {
  return std::ranges::any_of(wanted, [&](const Wanted& each) { return each.address == address && each.group == group; });
}

}  // namespace

Pools::Kept* Pools::find(const IpAddress& address, std::string_view group) {
  const auto at = std::ranges::find_if(kept_, [&](const auto& kept) { return kept && kept->address == address && kept->group == group; });
  return at == kept_.end() ? nullptr : &**at;
}

std::optional<Pools::Kept>& Pools::vacancy() {
  const auto at = std::ranges::find(kept_, false, &std::optional<Kept>::has_value);
  return at == kept_.end() ? kept_.emplace_back() : *at;
}

std::size_t Pools::room_for(const Config& config) const {
  const auto wanted = wanted_by(config);
  const auto stays = [&](const std::optional<Kept>& kept) { return kept && !is_wanted(wanted, kept->address, kept->group); };
  return wanted.size() + static_cast<std::size_t>(std::ranges::count_if(kept_, stays));
}

bool Pools::configure(const Config& config) {
  bool changed = false;
  const std::vector<Wanted> all = wanted_by(config);
  for (const Wanted& wanted : all) {
    Kept* kept = find(wanted.address, wanted.group);
    changed |= kept == nullptr || !kept->gives;
    if (kept == nullptr) kept = &vacancy().emplace(Kept{.address = wanted.address, .group = wanted.group});
    kept->gives = true, kept->left_long_ago = false;
  }
  for (auto& kept : kept_) {
    if (!kept || !kept->gives) continue;
    kept->gives = is_wanted(all, kept->address, kept->group);
    changed |= !kept->gives;
  }
  return changed;
}

bool Pools::advance() {
  bool changed = false;
  for (auto& kept : kept_) {
    if (!kept || kept->gives) continue;
    if (kept->left_long_ago && kept->ports->empty()) kept.reset(), changed = true;
    else kept->left_long_ago = true;
  }
  return changed;
}

std::vector<PoolView> Pools::views(const Groups& groups) const {
  std::vector<PoolView> views;
  for (const auto& kept : kept_)
    views.push_back(kept ? PoolView{kept->address, groups.find(kept->group), kept->gives, kept->ports} : PoolView{});
  return views;
}

std::array<std::vector<PoolSlot>, 2> Pools::given_to(std::string_view group) const {
  std::array<std::vector<PoolSlot>, 2> slots;
  for (std::size_t i = 0; i < kept_.size(); ++i)
    if (kept_[i] && kept_[i]->gives && kept_[i]->group == group)
      slots[kept_[i]->address.family == Family::ipv4 ? 0 : 1].push_back(static_cast<PoolSlot>(i));
  return slots;
}

std::vector<VipEntry> Pools::entries(const Groups& groups) const {
  std::vector<VipEntry> entries;
  for (std::size_t i = 0; i < kept_.size(); ++i)
    if (kept_[i]) entries.push_back({kept_[i]->address, kVipPool, groups.find(kept_[i]->group), static_cast<PoolSlot>(i)});
  return entries;
}

}  // namespace tandem::config
