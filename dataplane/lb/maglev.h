// SPDX-License-Identifier: Apache-2.0
// Maglev hashing: a table from hash to member in which losing or gaining one member moves few slots of the others.
// Paper: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, section 3.4.
// Threads: built by a control thread (about 1 ms), immutable afterwards. Members are named by their place in the span given.
// Equal on every machine whose members come in the same order with the same identities, weights and key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/cache_line.h"
#include "common/net/siphash.h"

namespace tandem {

using MemberIndex = std::uint16_t;
inline constexpr MemberIndex kNoMember = 0xffff;

// Prime, so that every skip visits all slots; fixed, because a table that grew would move every flow.
inline constexpr std::uint32_t kMaglevSlots = 65537;

struct MaglevMember {
  std::uint64_t identity = 0;  // hash of address, port and protocol
  std::uint32_t weight = 1;    // above 0
};

// Whose turn it is to claim a slot, kMaglevSlots times: in each round a member's account grows by weight / heaviest weight,
// and at 1 it claims. In integers, so shares are exact to a slot or two. Both tables of a service use one list.
std::vector<MemberIndex> maglev_turns(std::span<const MaglevMember> members);

class MaglevTable {
 public:
  // How far find_other looks for another member; so many slots are repeated past the end, so that it never wraps.
  static constexpr std::uint32_t kProbes = 8;

  MaglevTable(const SipKey& key, std::span<const MaglevMember> members, std::span<const MemberIndex> turns);

  MemberIndex find(std::uint32_t hash) const noexcept { return slots_[slot(hash)]; }

  // The first member from the hash's slot on that is not `taken`; kNoMember when kProbes slots all are.
  MemberIndex find_other(std::uint32_t hash, MemberIndex taken) const noexcept {
    const MemberIndex* at = &slots_[slot(hash)];
    for (std::uint32_t i = 0; i < kProbes; ++i)
      if (at[i] != taken) return at[i];
    return kNoMember;
  }

  void prefetch(std::uint32_t hash) const noexcept { tandem::prefetch(&slots_[slot(hash)]); }

  std::span<const MemberIndex> slots() const noexcept { return std::span{slots_}.first(kMaglevSlots); }

 private:
  // Multiply and shift: uniform without a division.
  static constexpr std::size_t slot(std::uint32_t hash) noexcept { return std::uint64_t{hash} * kMaglevSlots >> 32; }

  std::vector<MemberIndex> slots_;
};

}  // namespace tandem
