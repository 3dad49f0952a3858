// SPDX-License-Identifier: Apache-2.0
// Whether a client may enter: asked for packets that no connection carries, and of every connection once after a change of a deny
// list (deny_sweep.h). Packets of connections that stand are never asked about.
#pragma once

#include "dataplane/model/generation.h"
#include "dataplane/stats/counters.h"

namespace tandem {

// The list that denies; count_: none. `service` is null where none is meant: then the list for all decides alone.
template <typename Address>
DenyList denied_by(const Generation& generation, const ServiceView* service, const Address& client) noexcept {
  const GuardView* guard = generation.guard.get();
  const PrefixRules* own = service == nullptr ? nullptr : service->rules.get();
  if (guard == nullptr && own == nullptr) return DenyList::count_;
  const RuleWord everywhere = guard == nullptr ? RuleWord::none : guard->everywhere->find(client);
  const RuleWord here = own == nullptr ? RuleWord::none : own->find(client);
  if (!denies(std::max(everywhere, here))) return DenyList::count_;
  return here > everywhere ? DenyList::service : DenyList::everywhere;
}

}  // namespace tandem
