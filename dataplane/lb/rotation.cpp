// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lb/rotation.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "common/base/ensure.h"

namespace tandem {
namespace {

constexpr std::uint32_t kWeightsEnd = 257;  // weights are 1…256
constexpr unsigned kIndexBits = 14;

std::uint32_t common_divisor(std::span<const MaglevMember> members) {
  std::uint32_t divisor = 0;
  for (const MaglevMember& member : members) divisor = std::gcd(divisor, member.weight);
  return divisor;
}

}  // namespace

// A member of weight w stands at (k + phase) / w of the cycle, k = 0…w-1. Members of one weight have phases spread over
// 0…1 in their order, so equals do not stand in heaps: with equal weights the cycle is just the members in order.
std::vector<MemberIndex> rotation_of(std::span<const MaglevMember> members) {
  ensure(members.size() <= std::size_t{1} << kIndexBits);
  std::array<std::uint64_t, kWeightsEnd> alike{}, rank{};
  for (const MaglevMember& member : members) ++alike[member.weight];

  const std::uint32_t divisor = common_divisor(members);
  std::vector<std::uint64_t> places;  // place in the cycle, 40 fraction bits, then the member
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::uint64_t weight = members[i].weight / divisor, peers = alike[members[i].weight];
    const std::uint64_t phase = 2 * rank[members[i].weight]++ + 1;
    for (std::uint64_t k = 0; k < weight; ++k) places.push_back(((2 * k * peers + phase) << 40) / (2 * peers * weight) << kIndexBits | i);
  }
  std::sort(places.begin(), places.end());

  std::vector<MemberIndex> cycle;
  cycle.reserve(places.size());
  for (const std::uint64_t place : places) cycle.push_back(static_cast<MemberIndex>(place & ((1 << kIndexBits) - 1)));
  return cycle;
}

}  // namespace tandem
