// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lb/carry_over.h"

namespace tandem {
namespace {

// Makes the mean what its name says: of those live from now on. Their leads over the old mean are small enough for a double.
void settle_mean(const Schedule& schedule, ServiceTurns& turns, const LiveSet& live) noexcept {
  if (live.count() == 0) return;
  const TurnTime mean = turns.mean();
  double lead = 0;
  for (MemberIndex i = 0; i < schedule.size(); ++i)
    if (live.contains(i)) lead += static_cast<double>(ahead(turns.time(i), mean)) * schedule.members()[i].weight;
  turns.shift_mean(static_cast<std::int64_t>(lead / static_cast<double>(live.weight_sum())));
}

// The place in the new rotation of whoever is next in the old one and still there.
std::uint64_t same_place(const Schedule& before, std::uint64_t place, const Schedule& after) {
  const auto old = before.rotation(), now = after.rotation();
  for (std::size_t i = 0; i < old.size() && !now.empty(); ++i) {
    const MemberIndex next = after.find(before.members()[old[(place + i) % old.size()]].identity);
    for (std::size_t at = 0; next != kNoMember && at < now.size(); ++at)
      if (now[at] == next) return at;
  }
  return 0;
}

}  // namespace

std::shared_ptr<ServiceTurns> carry_over(const Schedule& before, const LiveSet& live_before, const ServiceTurns& turns,
                                         const Schedule& after, const LiveSet& live_after) {
  auto carried = std::make_shared<ServiceTurns>(after.size());
  const TurnTime mean = turns.mean();
  carried->shift_mean(static_cast<std::int64_t>(mean));
  for (MemberIndex i = 0; i < after.size(); ++i) {
    const MemberIndex old = before.find(after.members()[i].identity);
    carried->set_time(i, old != kNoMember && live_before.contains(old) ? turns.time(old) : mean);
    if (old != kNoMember) carried->set_scale(i, turns.scale(old));
  }
  carried->rotation().store(same_place(before, turns.rotation(), after), std::memory_order_relaxed);
  settle_mean(after, *carried, live_after);
  return carried;
}

void admit(const Schedule& schedule, ServiceTurns& turns, const LiveSet& before, const LiveSet& after) noexcept {
  const TurnTime mean = turns.mean();
  for (MemberIndex i = 0; i < schedule.size(); ++i)
    if (!before.contains(i)) turns.set_time(i, mean);
  settle_mean(schedule, turns, after);
}

}  // namespace tandem
