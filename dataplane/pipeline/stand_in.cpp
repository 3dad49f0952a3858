// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/stand_in.h"

#include <cstdlib>

#include "common/base/ensure.h"
#include "dataplane/lb/schedule.h"
#include "dataplane/pipeline/newcomer.h"

namespace tandem {

namespace {

MemoryBlock heap_memory(std::size_t bytes) {
  constexpr std::size_t kAlignment = 4096;
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* start = std::aligned_alloc(kAlignment, bytes);
  ensure(start != nullptr);
  std::memset(start, 0, bytes);
  return MemoryBlock{start, bytes, [](void* taken, std::size_t) { std::free(taken); }};
}

std::shared_ptr<ServiceTurns> copy_of(const ServiceTurns& turns) {
  auto copy = std::make_shared<ServiceTurns>(turns.size());
  copy->shift_mean(static_cast<std::int64_t>(turns.mean()));
  copy->set_spill(turns.spill());
  copy->rotation().store(turns.rotation());
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const auto member = static_cast<MemberIndex>(i);
    copy->set_time(member, turns.time(member));
    copy->set_scale(member, turns.scale(member));
  }
  return copy;
}

// Connections of nobody: of a client 0.0.0.0, which none has.
template <typename Entry>
void add_nobody(ConnTable<Entry>& table, std::uint16_t number, ConnState state) {
  Entry nobody;
  nobody.client_port = Be16{number};
  nobody.backend_slot = BackendSlot{0};
  nobody.method = ForwardingMethod::l2_dsr;
  nobody.state = state;
  table.insert(TableHash{number} * 0x9e3779b97f4a7c15, nobody, {});
}

// As the worker's table refuses, or makes room, so shall this one.
template <typename Entry>
void fill_like(const FamilyGlance<Entry>& glance, ConnTable<Entry>& table) {
  std::uint16_t number = 0;
  while (glance.half_open_full && table.count(ConnState::half_open) < table.half_open_quota())
    add_nobody(table, ++number, ConnState::half_open);
  while (glance.full && !table.full()) add_nobody(table, ++number, ConnState::established);
}

}  // namespace

StandIn::StandIn(const Generation& generation, const FlowGlance& glance)
    : generation_{generation},
      table4_{kConnections, heap_memory(ConnTable4::bytes_for(kConnections))},
      table6_{kConnections, heap_memory(ConnTable6::bytes_for(kConnections))},
      expiry4_{table4_.slots(), heap_memory(Expiry::bytes_for(table4_.slots())), glance.v4.tick},
      expiry6_{table6_.slots(), heap_memory(Expiry::bytes_for(table6_.slots())), glance.v6.tick},
      counters_{std::make_unique<WorkerCounters>()},
      backends_(glance.context.backends.size()),
      own_tallies_{glance.context.backends.data()},
      context_{glance.context} {
  context_.generation = &generation_;
  context_.connections4 = {&table4_, &expiry4_};
  context_.connections6 = {&table6_, &expiry6_};
  context_.counters = counters_.get();
  context_.backends = backends_;
  if (context_.tallies.empty()) context_.tallies = {&own_tallies_, 1};
  context_.datagrams = nullptr;  // no fragment is asked about
  context_.error_rate = context_.adoption_rate = nullptr;
  context_.sources = nullptr;
  context_.own_segments = &own_segments_;
  context_.buffers = nullptr;
  context_.flows = nullptr;
  context_.taps = nullptr;
  freeze_turns(glance.question);
  take_books(glance);
  take_in(glance.v4, context_.connections4);
  take_in(glance.v6, context_.connections6);
}

void StandIn::freeze_turns(const FlowQuestion& question) {
  const ServiceId id = generation_.index->find_service(question.target.address, question.protocol, question.target.port);
  if (id == kNoService) return;
  auto services = std::make_shared<std::vector<ServiceView>>(*generation_.services);
  ServiceView& service = (*services)[index(id)];
  service.turns = copy_of(*service.turns);
  service.meter = nullptr;
  if (service.fallback != kNoService) {
    ServiceView& fallback = (*services)[index(service.fallback)];
    fallback.turns = copy_of(*fallback.turns);
  }
  generation_.services = std::move(services);
}

// Those that nobody looked at share an empty one.
void StandIn::take_books(const FlowGlance& glance) {
  for (const ShelfCopy& shelf : glance.shelves) books_[shelf.pool] = shelf.book;
  if (generation_.pools->empty()) return;
  auto pools = std::make_shared<std::vector<PoolView>>(*generation_.pools);
  const auto spare = std::make_shared<PortBook>();
  for (std::size_t i = 0; i < pools->size(); ++i) {
    const auto known = books_.find(static_cast<PoolSlot>(i));
    if ((*pools)[i].ports != nullptr) (*pools)[i].ports = known == books_.end() ? spare : known->second;
  }
  generation_.pools = std::move(pools);
}

template <typename Entry>
void StandIn::take_in(const FamilyGlance<Entry>& glance, const Connections<Entry>& connections) {
  ConnTable<Entry>& table = *connections.table;
  for (const Kin<Entry>& kin : std::span{glance.kin}.first(glance.count)) {
    const auto inserted = table.insert(kin.hash, kin.entry, kin.detail);
    if (inserted.entry == nullptr || inserted.existed) continue;
    connections.expiry->arm(table.handle(*inserted.entry), kin.detail.idle_timeout);
    if (kin.entry.method == ForwardingMethod::full_nat) take_port(connections, *inserted.entry);
  }
  fill_like(glance, table);
  table.flood() = glance.flood.frozen();
}

// It has its port still, by its place here.
template <typename Entry>
void StandIn::take_port(const Connections<Entry>& connections, Entry& entry) {
  const OwnSource own = entry.own_source();
  if (own.pool == kNoPool || index(own.pool) >= generation_.pools->size()) return;
  const auto& ports = (*generation_.pools)[index(own.pool)].ports;
  if (ports == nullptr) return;
  if (ports->find(entry.protocol, own.port.host())) ports->release(entry.protocol, own.port.host());
  ports->claim(entry.protocol, own.port.host(), {family_of<Entry>(), connections.table->handle(entry)});
}

}  // namespace tandem
