// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_world.h"

#include "common/base/ensure.h"
#include "tests/bench/pipeline_network.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kTargetAt = 14 + 16;  // IPv4's

MemoryBlock memory(std::size_t bytes, bool hugepages) {
  MemoryBlock block = hugepages ? hugetlb_memory(bytes) : anonymous_memory(bytes);
  ensure(static_cast<bool>(block));
  return block;
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
  for (std::uint64_t number = 0; number < live; ++number) establish(context_, kind, number);
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
