// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/untracked.h"

#include "dataplane/pipeline/backend_choice.h"
#include "dataplane/pipeline/begin_entry.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/send_from_client.h"
#include "dataplane/pipeline/suspects.h"

namespace tandem {

namespace {

bool may_open(const Packet& packet) noexcept { return !packet.is_tcp() || is_bare_syn(packet.l4_flags); }

template <typename Entry>
BackendSlot likely_backend(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  if (may_open(*newcomer.packet)) return first_live_backend(newcomer);
  const Suspects suspects = suspects_of(pass, newcomer, pass.connections<Entry>().table->flood().on());
  return suspects.all().empty() ? kNoBackend : suspects.all().front().slot;
}

}  // namespace

template <typename Entry>
BackendSlot first_live_backend(const Newcomer<Entry>& newcomer) noexcept {
  const ServiceView& lender = *newcomer.lender;
  const Choice choice = first_live_candidate(*lender.schedule, *lender.live, newcomer.schedule_hash);
  return choice ? lender.members[choice.member] : kNoBackend;
}

template <typename Entry>
void send_untracked(const Pass& pass, const Newcomer<Entry>& newcomer, BackendSlot slot, OrphanDecision decision) noexcept {
  if (newcomer.service->method == ForwardingMethod::full_nat) return pass.batch.drop(*newcomer.packet, DropReason::needs_entry);
  if (slot == kNoBackend) return pass.batch.drop(*newcomer.packet, DropReason::no_backend);
  count_orphan(pass, decision);
  const Entry passing = new_entry<Entry>(pass.generation, newcomer.key, *newcomer.service, slot);
  send_from_client(pass, *newcomer.packet, passing);
}

template <typename Entry>
void forward_untracked(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  send_untracked(pass, newcomer, likely_backend(pass, newcomer), OrphanDecision::forwarded_untracked);
}

template <typename Entry>
void forward_one(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const ServiceView& lender = *newcomer.lender;
  const Choice choice = choose_backend(pass, lender, newcomer.schedule_hash);
  send_untracked(pass, newcomer, choice ? lender.members[choice.member] : kNoBackend, OrphanDecision::one_packet);
}

template BackendSlot first_live_backend(const Newcomer<ConnEntry4>&) noexcept;
template BackendSlot first_live_backend(const Newcomer<ConnEntry6>&) noexcept;
template void send_untracked(const Pass&, const Newcomer<ConnEntry4>&, BackendSlot, OrphanDecision) noexcept;
template void send_untracked(const Pass&, const Newcomer<ConnEntry6>&, BackendSlot, OrphanDecision) noexcept;
template void forward_untracked(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
template void forward_untracked(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
template void forward_one(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
template void forward_one(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
