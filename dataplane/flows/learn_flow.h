// SPDX-License-Identifier: Apache-2.0
// One record of the peer's meets the table. flow_learner.h has the rules. Threads: the owning worker alone.
#pragma once

#include "dataplane/pipeline/context.h"
#include "dataplane/pipeline/new_entry.h"

namespace tandem {

// The client's end and key of a record, in the family of its entry.
template <typename Entry>
typename Entry::Key key_of(const SyncRecord& record) noexcept {
  using Address = typename Entry::AddressType;
  return {{address_as<Address>(record.client), Be16{record.client_port}, record.protocol},
          address_as<Address>(record.vip),
          Be16{record.vip_port}};
}

// `record` is of the entry's family, `hash` is its client end's.
template <typename Entry>
SyncOutcome learn(const WorkerContext& context, const Connections<Entry>& connections, const SyncRecord& record, TableHash hash) noexcept;

}  // namespace tandem
