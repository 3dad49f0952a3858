// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_world.h"

#include "common/base/ensure.h"
#include "dataplane/conn/port_book.h"
#include "dataplane/forward/client_hop.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/pool_port.h"
#include "tests/bench/pipeline_network.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kTargetAt = 14 + 16;  // IPv4's

MemoryBlock memory(std::size_t bytes, bool hugepages) {
  MemoryBlock block = hugepages ? hugetlb_memory(bytes) : anonymous_memory(bytes);
  ensure(static_cast<bool>(block));
  return block;
}

// As open_connection() would have it, but for which port.
template <typename Entry>
void give_port(WorkerContext& context, const Connections<Entry>& connections, const ServiceView& service, Family servers,
               std::uint64_t number, Entry& entry) {
  const OwnPort own = own_port(number);
  const PoolSlot pool = pools_of(service, servers)[own.pool];
  const ConnPlace place{std::is_same_v<Entry, ConnEntry4> ? Family::ipv4 : Family::ipv6, connections.table->handle(entry)};
  ensure((*context.generation->pools)[index(pool)].ports->claim(Protocol::tcp, own.port, place));
  adopt_port(context, connections, entry, PoolPort{pool, own.port});
}

template <typename Entry>
void insert(WorkerContext& context, const Connections<Entry>& connections, const ServiceKind& kind, std::uint64_t number) {
  using Address = typename Entry::AddressType;
  const std::size_t place = place_of(kind);
  const ServiceView& service = (*context.generation->services)[place];
  const Flow one = flow(first_client_of(kind), number);
  const typename Entry::Key key{
      {address_as<Address>(client_of(kind.family, one)), Be16{one.port}, Protocol::tcp}, address_as<Address>(service.vip), Be16{80}};
  Entry entry = new_entry<Entry>(*context.generation, key, service, static_cast<BackendSlot>(place * kServers + one.server));
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

PipelineWorld::PipelineWorld(const PipelineRoom& room)
    : network_{pipeline_network((room.full_nat + kPortsOfPool - 1) / kPortsOfPool)},
      generation_{network_.generation()},
      table4_{room.connections4, memory(ConnTable4::bytes_for(room.connections4), room.hugepages)},
      table6_{room.connections6, memory(ConnTable6::bytes_for(room.connections6), room.hugepages)},
      expiry4_{table4_.slots(), memory(Expiry::bytes_for(table4_.slots()), room.hugepages)},
      expiry6_{table6_.slots(), memory(Expiry::bytes_for(table6_.slots()), room.hugepages)},
      hasher_{generation_->keys.table},
      counters_{std::make_unique<WorkerCounters>()},
      backends_(kServices.size() * kServers) {
  context_.generation = generation_.get();
  context_.roles.receives |= 1;
  context_.hasher = &hasher_;
  context_.connections4 = {&table4_, &expiry4_};
  context_.connections6 = {&table6_, &expiry6_};
  context_.counters = counters_.get();
  context_.backends = backends_;
  context_.datagrams = &datagrams_;
}

void PipelineWorld::fill(const ServiceKind& kind, std::uint64_t live) {
  for (std::uint64_t number = 0; number < live; ++number) {
    if (kind.family == Family::ipv4) insert(context_, context_.connections4, kind, number);
    else insert(context_, context_.connections6, kind, number);
  }
}

void PipelineWorld::clear() {
  erase_all(context_, context_.connections4);
  erase_all(context_, context_.connections6);
}

std::size_t PipelineWorld::sink() noexcept {
  std::size_t count = 0;
  for (std::uint32_t left = batch_.ports(); left != 0; left &= left - 1) {
    const auto sent = batch_.transmits(static_cast<PortId>(std::countr_zero(left)));
    rte_pktmbuf_free_bulk(const_cast<rte_mbuf**>(sent.data()), static_cast<unsigned>(sent.size()));
    count += sent.size();
  }
  return count;
}

std::size_t PipelineWorld::run(std::span<rte_mbuf* const> burst, PortId port, std::span<std::uint32_t> servers) noexcept {
  batch_.clear();
  for (rte_mbuf* mbuf : burst) batch_.add(mbuf, port);
  pipeline_.run(context_, batch_);
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const auto* target = rte_pktmbuf_mtod_offset(batch_.transmits(PortId{1})[i], const Ipv4Address*, kTargetAt);
    servers[i] = target->value.host() - server_tail(Family::ipv4, 0);
  }
  return sink();
}

}  // namespace tandem::bench
