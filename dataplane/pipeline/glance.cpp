// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/glance.h"

#include <algorithm>

#include "dataplane/lb/owner.h"
#include "dataplane/pipeline/pool_port.h"

namespace tandem {

namespace {

TableHash hash_of(const TableHasher& hasher, const Endpoint& end, Protocol protocol) {
  if (end.address.family == Family::ipv4) return hasher(client_end_as<ConnEntry4>(end, protocol));
  return hasher(client_end_as<ConnEntry6>(end, protocol));
}

const VipEntry* pool_asked(const Generation& generation, const FlowQuestion& question) {
  const VipEntry* vip = generation.index->find_vip(question.target.address);
  return vip != nullptr && (vip->flags & kVipPool) != 0 ? vip : nullptr;
}

const ServiceView* service_asked(const Generation& generation, const FlowQuestion& question) {
  const ServiceId id = generation.index->find_service(question.target.address, question.protocol, question.target.port);
  return id == kNoService ? nullptr : &(*generation.services)[index(id)];
}

// In the order in which take_port tries them.
void add_shelves(FlowGlance& glance, std::span<const PoolSlot> pools, TableHash hash) {
  for (std::size_t i = 0; i < std::min(pools.size(), FlowGlance::kMostBooks); ++i) {
    const PoolSlot pool = pools[(first_pool(hash, pools.size()) + i) % pools.size()];
    glance.shelves.push_back({pool, owner_slot(hash), std::make_shared<PortBook>()});
  }
}

template <typename Entry>
void add_kin(FamilyGlance<Entry>& out, const Connections<Entry>& connections, TableHash hash, Entry& entry) noexcept {
  if (out.count < out.kin.size()) out.kin[out.count++] = {hash, entry, connections.table->detail(entry)};
}

template <typename Entry>
void look_for(FamilyGlance<Entry>& out, const WorkerContext& worker, const Connections<Entry>& connections, const Endpoint& end,
              Protocol protocol) noexcept {
  const auto client = client_end_as<Entry>(end, protocol);
  const TableHash hash = (*worker.hasher)(client);
  connections.table->visit_kin(hash, [&](Entry& entry) {
    const bool is_kin = entry.client == client.address && entry.client_port == client.port && entry.protocol == protocol;
    if (is_kin) add_kin(out, connections, hash, entry);
  });
}

template <typename Entry>
void look_at_room(FamilyGlance<Entry>& out, const Connections<Entry>& connections) noexcept {
  ConnTable<Entry>& table = *connections.table;
  out.full = table.full();
  out.half_open_full = table.count(ConnState::half_open) >= table.half_open_quota();
  out.tick = connections.expiry->tick();
  out.flood = table.flood();
  out.flood.judge(table.fill(), out.tick);
}

// Whose port of a pool address it is. Any family's.
template <typename Entry>
void look_by_port(FamilyGlance<Entry>& out, const WorkerContext& worker, const Connections<Entry>& connections, ConnPlace place) noexcept {
  if (place.family != family_of<Entry>()) return;
  Entry* entry = connections.table->at(place.handle);
  if (entry == nullptr) return;
  const ClientEnd<typename Entry::AddressType> end{entry->client, entry->client_port, entry->protocol};
  add_kin(out, connections, (*worker.hasher)(end), *entry);
}

}  // namespace

FlowGlance::FlowGlance(const Generation& generation, const TableHasher& hasher, const FlowQuestion& asked) : question{asked} {
  if (const VipEntry* pool = pool_asked(generation, question)) {
    shelves.push_back({pool->pool, owner_slot_of_port(question.target.port), std::make_shared<PortBook>()});
    return;
  }
  const ServiceView* service = service_asked(generation, question);
  if (service == nullptr || service->method != ForwardingMethod::full_nat) return;
  const TableHash hash = hash_of(hasher, question.source, question.protocol);
  for (const auto& pools : service->pools) add_shelves(*this, pools, hash);
}

void FlowGlance::look(const WorkerContext& worker) noexcept {
  context = worker;
  v4.count = v6.count = 0;
  look_at_room(v4, worker.connections4);
  look_at_room(v6, worker.connections6);
  for (const Endpoint& end : {question.source, question.target}) {
    if (end.address.family == Family::ipv4) look_for(v4, worker, worker.connections4, end, question.protocol);
    else look_for(v6, worker, worker.connections6, end, question.protocol);
  }
  const Generation& generation = *worker.generation;
  for (const ShelfCopy& shelf : shelves) {
    const bool known = index(shelf.pool) < generation.pools->size() && (*generation.pools)[index(shelf.pool)].ports != nullptr;
    if (!known || generation.owners[index(shelf.slot)] != worker.self) continue;
    shelf.book->copy_shelf(*(*generation.pools)[index(shelf.pool)].ports, question.protocol, shelf.slot);
  }
  const VipEntry* pool = pool_asked(generation, question);
  const bool ours = pool != nullptr && generation.owners[index(owner_slot_of_port(question.target.port))] == worker.self;
  if (!ours) return;
  const auto place = (*generation.pools)[index(pool->pool)].ports->find(question.protocol, question.target.port);
  if (!place) return;
  look_by_port(v4, worker, worker.connections4, *place);
  look_by_port(v6, worker, worker.connections6, *place);
}

FlowRole role_of(const Generation& generation, const FlowQuestion& question) {
  if (pool_asked(generation, question) != nullptr) return FlowRole::pool;
  if (generation.index->find_vip(question.target.address) != nullptr) return FlowRole::client;
  const IpAddress& source = question.source.address;
  const Be16 port{question.source.port};
  const bool backend = source.family == Family::ipv4 ? generation.index->find_nat_backend(source.v4(), question.protocol, port) != nullptr
                                                     : generation.index->find_nat_backend(source.v6(), question.protocol, port) != nullptr;
  return backend ? FlowRole::backend : FlowRole::node;
}

WorkerId owner_of(const Generation& generation, const TableHasher& hasher, const FlowQuestion& question) {
  const FlowRole role = role_of(generation, question);
  if (role == FlowRole::pool) return generation.owners[index(owner_slot_of_port(question.target.port))];
  const TableHash hash = hash_of(hasher, client_end(question, role), question.protocol);
  return owner_of(static_cast<std::uint32_t>(hash >> 32), generation.owners);
}

}  // namespace tandem
