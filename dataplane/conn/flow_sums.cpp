// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/flow_sums.h"

#include <algorithm>

namespace tandem {

FlowSums::FlowSums() {
  for (Set& set : sets_) set = std::make_unique<std::atomic<std::uint64_t>[]>(kFlowSums);
}

void FlowSums::note(const Roles& roles, bool on) noexcept {
  const std::uint32_t active = roles.active & ~Roles::kUngrouped;
  if (on == on_ && active == active_ && roles.on_peer == on_peer_) return;
  on_ = on, active_ = active, on_peer_ = roles.on_peer;
  restart();
}

std::optional<FlowSide> FlowSums::side_of(GroupId group) const noexcept {
  if ((active_ >> index(group) & 1) != 0) return FlowSide::own;
  if ((on_peer_ >> index(group) & 1) != 0) return FlowSide::held;
  return std::nullopt;
}

void FlowSums::restart() noexcept {
  publish(false);
  own_groups_.store(active_, std::memory_order_relaxed), held_groups_.store(on_peer_, std::memory_order_relaxed);
  passed_ = cleared_ = 0;
}

bool FlowSums::clear_slice() noexcept {
  if (cleared_ == kFlowSums) return false;
  const std::size_t end = std::min(cleared_ + kClearSlice, kFlowSums);
  for (; cleared_ < end; ++cleared_) sets_[next()][cleared_].store(0, std::memory_order_relaxed);
  return true;
}

void FlowSums::finish() noexcept {
  live_ = next(), passed_ = cleared_ = 0;
  publish(true);
  walks_.fetch_add(1, std::memory_order_relaxed);
}

// The fence: whoever reads a set that is being cleared meanwhile finds another edition afterwards.
void FlowSums::publish(bool whole) noexcept {
  const std::uint64_t edition = edition_.load(std::memory_order_relaxed) >> 2;
  edition_.store((edition + 1) << 2 | live_ << 1 | std::uint64_t{whole}, std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_release);
}

std::optional<std::uint32_t> FlowSums::read(FlowSide side, std::size_t first, std::span<std::uint64_t> sums) const noexcept {
  const std::uint64_t edition = edition_.load(std::memory_order_acquire);
  if ((edition & 1) == 0) return std::nullopt;
  const std::uint32_t groups = (side == FlowSide::own ? own_groups_ : held_groups_).load(std::memory_order_relaxed);
  const std::atomic<std::uint64_t>* from = sets_[edition >> 1 & 1].get() + static_cast<std::size_t>(side) * kFlowBuckets + first;
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += from[i].load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (edition_.load(std::memory_order_relaxed) != edition) return std::nullopt;
  return groups;
}

}  // namespace tandem
