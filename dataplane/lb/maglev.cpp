// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lb/maglev.h"

#include <algorithm>
#include <array>

#include "common/base/ensure.h"

namespace tandem {
namespace {

std::uint32_t heaviest(std::span<const MaglevMember> members) {
  std::uint32_t most = 0;
  for (const MaglevMember& member : members) most = std::max(most, member.weight);
  return most;
}

// Turns of one member until the end of a round. Its account begins with a fraction of a turn, taken from its identity:
// began all at nothing, light members would claim in the same rounds, and a table that ends just before one of those
// would leave every one of them a slot short. (Fractions have 16 bits.)
constexpr std::uint64_t kWhole = 1 << 16;
std::uint64_t first_credit(const MaglevMember& member) { return member.identity >> 48; }

std::uint64_t turns_until(std::uint64_t round, const MaglevMember& member, std::uint32_t most) {
  return (round * member.weight * kWhole + first_credit(member) * most) / (kWhole * most);
}

std::uint64_t round_of(std::uint64_t turn, const MaglevMember& member, std::uint32_t most) {
  const std::uint64_t weight = kWhole * member.weight;
  return ((turn * kWhole - first_credit(member)) * most + weight - 1) / weight;
}

std::uint64_t turns_until(std::uint64_t round, std::span<const MaglevMember> members, std::uint32_t most) {
  std::uint64_t sum = 0;
  for (const MaglevMember& member : members) sum += turns_until(round, member, most);
  return sum;
}

// The first round that fills the table. The heaviest member claims in every round, so it comes within kMaglevSlots.
std::uint32_t last_round(std::span<const MaglevMember> members, std::uint32_t most) {
  std::uint32_t low = 1, high = kMaglevSlots;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (turns_until(middle, members, most) >= kMaglevSlots) high = middle;
    else low = middle + 1;
  }
  return low;
}

template <typename Visit>
void for_each_turn(std::span<const MaglevMember> members, std::uint32_t most, std::uint32_t rounds, Visit visit) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::uint64_t turns = turns_until(rounds, members[i], most);
    for (std::uint64_t turn = 1; turn <= turns; ++turn) visit(round_of(turn, members[i], most), static_cast<MemberIndex>(i));
  }
}

// Where a member's permutation of the slots stands, and how it steps.
struct Walk {
  std::uint32_t at, skip;

  Walk(const SipKey& key, std::uint64_t identity) noexcept {
    const std::uint64_t hash = siphash13_words<1>(key, {identity});
    at = static_cast<std::uint32_t>((hash >> 32) * kMaglevSlots >> 32);
    skip = static_cast<std::uint32_t>((hash & 0xffffffff) * (kMaglevSlots - 1) >> 32) + 1;
  }

  void step() noexcept {
    at += skip;
    if (at >= kMaglevSlots) at -= kMaglevSlots;
  }
};

// Claims are tested in 8 kB of bits, which stay in L1 where the table itself would not: about 760,000 random probes.
class TakenSlots {
 public:
  bool take(std::uint32_t slot) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    const bool was_free = (words_[slot / 64] & bit) == 0;
    words_[slot / 64] |= bit;
    return was_free;
  }

 private:
  std::array<std::uint64_t, kMaglevSlots / 64 + 1> words_{};
};

}  // namespace

std::vector<MemberIndex> maglev_turns(std::span<const MaglevMember> members) {
  ensure(!members.empty() && members.size() < kNoMember);
  const std::uint32_t most = heaviest(members), rounds = last_round(members, most);
  // A counting sort by round; within one, members keep their order.
  std::vector<std::uint32_t> start(std::size_t{rounds} + 2);
  for_each_turn(members, most, rounds, [&start](std::uint64_t round, MemberIndex) { ++start[round + 1]; });
  for (std::size_t round = 1; round < start.size(); ++round) start[round] += start[round - 1];
  std::vector<MemberIndex> turns(start.back());
  for_each_turn(members, most, rounds, [&start, &turns](std::uint64_t round, MemberIndex i) { turns[start[round]++] = i; });
  turns.resize(kMaglevSlots);
  return turns;
}

MaglevTable::MaglevTable(const SipKey& key, std::span<const MaglevMember> members, std::span<const MemberIndex> turns)
    : slots_(kMaglevSlots + kProbes) {
  ensure(turns.size() == kMaglevSlots);
  std::vector<Walk> walks;
  walks.reserve(members.size());
  for (const MaglevMember& member : members) walks.emplace_back(key, member.identity);

  TakenSlots taken;
  for (const MemberIndex member : turns) {
    Walk& walk = walks[member];
    while (!taken.take(walk.at)) walk.step();
    slots_[walk.at] = member;
  }
  std::copy_n(slots_.begin(), kProbes, slots_.begin() + kMaglevSlots);
}

}  // namespace tandem
