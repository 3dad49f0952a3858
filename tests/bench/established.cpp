// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/established.h"

#include "common/base/ensure.h"
#include "dataplane/conn/port_book.h"
#include "dataplane/forward/client_hop.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/pool_port.h"
#include "tests/bench/pipeline_network.h"

namespace tandem::bench {
namespace {

template <typename Address>
ClientEnd<Address> client_end(const ServiceKind& kind, std::uint64_t number) {
  const Flow one = flow(first_client_of(kind), number);
  return {address_as<Address>(client_of(kind.family, one)), Be16{one.port}, Protocol::tcp};
}

// As open_connection() would have it, but for which port.
template <typename Entry>
void give_port(const WorkerContext& context, const Connections<Entry>& connections, const ServiceView& service, Family servers,
               std::uint64_t number, Entry& entry) {
  const OwnPort own = own_port(number);
  const PoolSlot pool = pools_of(service, servers)[own.pool];
  const ConnPlace place{std::is_same_v<Entry, ConnEntry4> ? Family::ipv4 : Family::ipv6, connections.table->handle(entry)};
  ensure((*context.generation->pools)[index(pool)].ports->claim(Protocol::tcp, own.port, place));
  adopt_port(context, connections, entry, PoolPort{pool, own.port});
}

template <typename Entry>
void insert(const WorkerContext& context, const Connections<Entry>& connections, const ServiceKind& kind, std::uint64_t number) {
  using Address = typename Entry::AddressType;
  const std::size_t place = place_of(kind);
  const ServiceView& service = (*context.generation->services)[place];
  const typename Entry::Key key{client_end<Address>(kind, number), address_as<Address>(service.vip), Be16{80}};
  Entry entry = new_entry<Entry>(*context.generation, key, service, static_cast<BackendSlot>(place * kServers + number % kServers));
  entry.state = ConnState::established;
  look_up_client_hop(*context.generation, entry);  // as the first reply left it
  ConnDetail detail;
  detail.service = static_cast<ServiceId>(place);
  Entry* made = connections.table->insert((*context.hasher)(key.client), entry, detail).entry;
  ensure(made != nullptr);
  if (kind.method == ForwardingMethod::full_nat) give_port(context, connections, service, kind.servers, number, *made);
}

template <typename Entry>
void erase_all(const WorkerContext& context, const Connections<Entry>& connections) {
  ConnTable<Entry>& table = *connections.table;
  table.walk(0, table.slots(), [&](Entry& entry) {
    release_port(context, entry);
    table.erase(entry);
  });
}

}  // namespace

void establish(const WorkerContext& context, const ServiceKind& kind, std::uint64_t number) {
  if (kind.family == Family::ipv4) insert(context, context.connections4, kind, number);
  else insert(context, context.connections6, kind, number);
}

TableHash hash_of(const TableHasher& hasher, const ServiceKind& kind, std::uint64_t number) {
  return kind.family == Family::ipv4 ? hasher(client_end<Ipv4Address>(kind, number)) : hasher(client_end<Ipv6Address>(kind, number));
}

void end_all(const WorkerContext& context) {
  erase_all(context, context.connections4);
  erase_all(context, context.connections6);
}

}  // namespace tandem::bench
