// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lb/schedule.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "dataplane/lb/rotation.h"

namespace tandem {
namespace {

constexpr std::uint32_t low_half(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
constexpr std::uint32_t high_half(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

std::vector<ScheduleMember> in_order(std::vector<ScheduleMember> members) {
  std::erase_if(members, [](const ScheduleMember& member) { return member.weight == 0; });
  std::ranges::sort(members, {}, &ScheduleMember::identity);
  ensure(members.size() <= kMembersMax);
  ensure(std::ranges::adjacent_find(members, {}, &ScheduleMember::identity) == members.end());
  return members;
}

std::vector<MaglevMember> for_tables(std::span<const ScheduleMember> members) {
  std::vector<MaglevMember> out;
  for (const ScheduleMember& member : members) {
    ensure(member.weight <= kWeightMax);
    out.push_back({member.identity, member.weight});
  }
  return out;
}

std::uint64_t digest(const HashSeed& seed, SchedulerKind kind, std::span<const ScheduleMember> members) {
  std::vector<std::uint64_t> words{static_cast<std::uint64_t>(kind)};
  for (const ScheduleMember& member : members) words.insert(words.end(), {member.identity, member.weight});
  return siphash13(derive_key(seed, "schedule version"), {reinterpret_cast<const std::uint8_t*>(words.data()), words.size() * 8});
}

}  // namespace

Schedule::Schedule(const HashSeed& seed, std::vector<ScheduleMember> members, const ScheduleOptions& options)
    : members_{in_order(std::move(members))},
      options_{options},
      slots_of_(members_.size()),
      version_{digest(seed, options.kind, members_)} {
  if (members_.empty()) return;
  const std::vector<MaglevMember> claimants = for_tables(members_);
  const std::vector<MemberIndex> turns = maglev_turns(claimants);
  tables_.emplace_back(derive_key(seed, "first candidate"), claimants, turns);
  tables_.emplace_back(derive_key(seed, "second candidate"), claimants, turns);
  for (const MemberIndex member : turns) ++slots_of_[member];

  for (const ScheduleMember& member : members_) weight_sum_ += member.weight;
  for (const ScheduleMember& member : members_) steps_.push_back((weight_sum_ << kTurnBits) / (members_.size() * member.weight));
  if (options.kind == SchedulerKind::round_robin) rotation_ = rotation_of(claimants);
}

// The second candidate is the first *other* member in the second table: two equal candidates would be no choice, and with
// two members half of all flows would have none. Where one member fills the whole neighbourhood, any other serves.
Candidates Schedule::candidates(std::uint64_t flow_hash) const noexcept {
  if (tables_.empty()) return {};
  const MemberIndex first = tables_[0].find(low_half(flow_hash));
  if (members_.size() == 1) return {first, first};
  const MemberIndex other = tables_[1].find_other(high_half(flow_hash), first);
  if (other != kNoMember) return {first, other};
  const std::size_t further = 1 + flow_hash % (members_.size() - 1);
  return {first, static_cast<MemberIndex>((first + further) % members_.size())};
}

void Schedule::prefetch(std::uint64_t flow_hash) const noexcept {
  if (tables_.empty()) return;
  tables_[0].prefetch(low_half(flow_hash));
  tables_[1].prefetch(high_half(flow_hash));
}

MemberIndex Schedule::find(std::uint64_t identity) const noexcept {
  const auto at = std::ranges::lower_bound(members_, identity, {}, &ScheduleMember::identity);
  return at != members_.end() && at->identity == identity ? static_cast<MemberIndex>(at - members_.begin()) : kNoMember;
}

std::uint32_t Schedule::fewest_slots() const noexcept { return slots_of_.empty() ? kMaglevSlots : *std::ranges::min_element(slots_of_); }

}  // namespace tandem
