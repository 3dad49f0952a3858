// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/suspects.h"

namespace tandem {

namespace {

// Takes no new connections perhaps, but goes on with those that it has.
bool converses(const BackendView& backend) noexcept { return stays(backend.fate) && backend.state != BackendState::down; }

struct Search {
  const Pass& pass;
  Suspects found{};

  void add(BackendSlot slot, bool exception) noexcept {
    if (slot != kNoBackend && converses(pass.backend_views[index(slot)])) found.add({slot, exception});
  }
  // Whom the flow was given first when it began before today's schedule.
  void add_former(const ServiceView& service, const FormerSchedule& former, std::uint64_t hash, std::uint64_t former_hash) noexcept {
    const MemberIndex then = former.schedule->candidates(former_hash).first, now = service.schedule->candidates(hash).first;
    if (then != kNoMember) add(former.members[then], now == kNoMember || former.members[then] != service.members[now]);
  }
  // Both candidates of a schedule of today.
  void add_candidates(const ServiceView& service, std::uint64_t hash, bool lent) noexcept {
    const auto [first, second] = service.schedule->candidates(hash);
    if (first == kNoMember) return;
    add(service.members[first], lent);
    add(service.members[second], true);
  }
  // Whoever a new connection would be given without a turn.
  void add_first_live(const ServiceView& service, std::uint64_t hash, bool lent) noexcept {
    const Choice choice = first_live_candidate(*service.schedule, *service.live, hash);
    if (choice) found.add({service.members[choice.member], choice.exception || lent});
  }
};

}  // namespace

template <typename Entry>
Suspects suspects_of(const Pass& pass, const Newcomer<Entry>& newcomer, bool flooded) noexcept {
  const ServiceView &service = *newcomer.service, &lender = *newcomer.lender;
  const auto hash_by = [&](const Schedule& schedule) { return schedule_hash_of<Entry>(pass.generation, schedule, newcomer.key); };
  const std::uint64_t own_hash = newcomer.is_lent() ? hash_by(*service.schedule) : newcomer.schedule_hash;
  Search search{pass};
  if (flooded) search.add_first_live(lender, newcomer.schedule_hash, newcomer.is_lent());
  if (service.former) search.add_former(service, *service.former, own_hash, hash_by(*service.former->schedule));
  search.add_candidates(service, own_hash, false);
  if (newcomer.is_lent()) search.add_candidates(lender, newcomer.schedule_hash, true);
  search.add_first_live(lender, newcomer.schedule_hash, newcomer.is_lent());
  return search.found;
}

template Suspects suspects_of(const Pass&, const Newcomer<ConnEntry4>&, bool) noexcept;
template Suspects suspects_of(const Pass&, const Newcomer<ConnEntry6>&, bool) noexcept;

}  // namespace tandem
