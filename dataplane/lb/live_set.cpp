// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lb/live_set.h"

#include <bit>
#include <span>

#include "common/base/ensure.h"

namespace tandem {
namespace {

// Twice round, backwards: the second time, the places before the first live one know what follows the end.
std::vector<std::uint32_t> gaps_in(std::span<const MemberIndex> rotation, const std::vector<bool>& eligible) {
  std::vector<std::uint32_t> gaps(rotation.size());
  std::uint32_t gap = 0;
  for (std::size_t i = 2 * rotation.size(); i-- > 0;) {
    const std::size_t place = i % rotation.size();
    gap = eligible[rotation[place]] ? 0 : gap + 1;
    gaps[place] = gap;
  }
  return gaps;
}

}  // namespace

LiveSet::LiveSet(const Schedule& schedule, const std::vector<bool>& eligible) : words_(schedule.size() / 64 + 1) {
  ensure(eligible.size() == schedule.size());
  for (std::size_t i = 0; i < eligible.size(); ++i) {
    if (!eligible[i]) continue;
    words_[i / 64] |= std::uint64_t{1} << (i % 64);
    weight_sum_ += schedule.members()[i].weight;
    ++count_;
  }
  if (count_ == 0) return;
  mean_step_ = (schedule.weight_sum() << kTurnBits) / (schedule.size() * weight_sum_);
  if (count_ < schedule.size()) gaps_ = gaps_in(schedule.rotation(), eligible);
}

MemberIndex LiveSet::next(std::size_t from) const noexcept {
  std::size_t at = from / 64;
  std::uint64_t word = words_[at] & (~std::uint64_t{0} << (from % 64));
  while (word == 0) {
    at = at + 1 < words_.size() ? at + 1 : 0;
    word = words_[at];
  }
  return static_cast<MemberIndex>(at * 64 + static_cast<std::size_t>(std::countr_zero(word)));
}

}  // namespace tandem
