// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/begin_entry.h"

#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/free_port.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/tell_address.h"

namespace tandem {

namespace {

// A full-nat entry without a port is none.
template <typename Entry>
typename ConnTable<Entry>::Inserted with_port(const Pass& pass, const Newcomer<Entry>& newcomer, Entry& entry) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  const Family family = pass.backend_views[index(entry.backend_slot)].address.family;
  const auto own = take_port_by_force(pass, pools_of(*newcomer.service, family), entry.protocol, newcomer.packet->flow_hash,
                                      {family_of<Entry>(), connections.table->handle(entry)});
  if (own) {
    adopt_port(pass.context, connections, entry, *own);
    if (newcomer.packet->is_tcp()) owe_address(pass, *newcomer.packet, entry, newcomer.service->client_address);
    return {.entry = &entry};
  }
  connections.table->erase(entry);
  return {.failure = InsertFailure::pool_exhausted};
}

template <typename Entry>
typename ConnTable<Entry>::Inserted insert(const Pass& pass, const Newcomer<Entry>& newcomer, const Beginning& beginning) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  Entry entry = new_entry<Entry>(pass.generation, newcomer.key, *newcomer.service, beginning.slot);
  entry.state = beginning.life.state;
  entry.flags = beginning.flags;
  ConnDetail detail;
  detail.created = connections.expiry->tick();
  detail.service = newcomer.id;
  detail.order = order_of_new(pass.context, newcomer.service->group);
  detail.guesses = beginning.guesses;
  entry.touch(detail.created);
  const auto inserted = connections.table->insert(newcomer.packet->flow_hash, entry, detail);
  if (entry.method != ForwardingMethod::full_nat || inserted.entry == nullptr || inserted.existed) return inserted;
  return with_port(pass, newcomer, *inserted.entry);
}

}  // namespace

template <typename Entry>
typename ConnTable<Entry>::Inserted begin_entry(const Pass& pass, const Newcomer<Entry>& newcomer, const Beginning& beginning) noexcept {
  const auto inserted = insert(pass, newcomer, beginning);
  if (inserted.entry == nullptr || inserted.existed) return inserted;
  const Connections<Entry>& connections = pass.connections<Entry>();
  enter(*connections.table, *connections.expiry, *inserted.entry, beginning.life, newcomer.service->timeouts);
  note_change(pass.context, connections, *inserted.entry);
  BackendCounters& backend = pass.backend(beginning.slot);
  pass.counters().inserts_local.add();
  backend.opened_entries.add();
  if (inserted.entry->is(kConnException)) backend.exceptions.add();
  return inserted;
}

template ConnTable<ConnEntry4>::Inserted begin_entry(const Pass&, const Newcomer<ConnEntry4>&, const Beginning&) noexcept;
template ConnTable<ConnEntry6>::Inserted begin_entry(const Pass&, const Newcomer<ConnEntry6>&, const Beginning&) noexcept;

}  // namespace tandem
