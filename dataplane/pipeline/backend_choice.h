// SPDX-License-Identifier: Apache-2.0
// Which of a service's backends a new connection gets, by its scheduler, and who is next when that one cannot take it.
// Threads: the worker's own; what others count is read.
#pragma once

#include "dataplane/lb/pick.h"
#include "dataplane/pipeline/pass.h"

namespace tandem {

inline Choice choose_backend(const Pass& pass, const ServiceView& service, std::uint64_t schedule_hash) noexcept {
  if (service.schedule->options().kind != SchedulerKind::least_connections)
    return pick(*service.schedule, *service.turns, *service.live, schedule_hash);
  const auto load = [&](MemberIndex member) {
    return live_connections(pass.context.backends, pass.context.tallies, service.members[member]);
  };
  return pick_by_load(*service.schedule, *service.turns, *service.live, schedule_hash, load);
}

// The other candidate, then the next live member in cyclic order. Relies on a live one.
inline Choice another_backend(const ServiceView& service, std::uint64_t schedule_hash, MemberIndex last, std::size_t tries) noexcept {
  const Candidates flow = service.schedule->candidates(schedule_hash);
  const MemberIndex other = last == flow.first ? flow.second : flow.first;
  const bool may = tries == 0 && other != last && other != kNoMember && service.live->contains(other);
  return {.member = may ? other : service.live->next(std::size_t{last} + 1), .exception = true};
}

}  // namespace tandem
