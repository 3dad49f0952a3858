// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/worker_state.h"

namespace tandem {

namespace {

MemoryBlock memory(std::size_t bytes, bool hugepages) {
  if (hugepages)
    if (MemoryBlock block = hugetlb_memory(bytes)) return block;
  return anonymous_memory(bytes);
}

}  // namespace

std::uint64_t connection_share(std::uint64_t all, unsigned workers) {
  if (workers <= 1) return all;
  const std::uint64_t share = (all + workers - 1) / workers;
  return share + share / 20;
}

Result<std::unique_ptr<WorkerState>> WorkerState::make(WorkerId self, const WorkerRoom& room, const SipKey& table_key,
                                                       std::shared_ptr<WorkerTallies> tallies) {
  const std::size_t slots4 = ConnTable4::slots_for(room.connections_ipv4), slots6 = ConnTable6::slots_for(room.connections_ipv6);
  const std::size_t bytes4 = ConnTable4::bytes_for(room.connections_ipv4), bytes6 = ConnTable6::bytes_for(room.connections_ipv6);
  MemoryBlock entries4 = memory(bytes4, room.hugepages), entries6 = memory(bytes6, room.hugepages);
  MemoryBlock deadlines4 = memory(Expiry::bytes_for(slots4), room.hugepages),
              deadlines6 = memory(Expiry::bytes_for(slots6), room.hugepages);
  if (!entries4 || !entries6 || !deadlines4 || !deadlines6)
    return fail("no memory for the connections of a worker: " + std::to_string((bytes4 + bytes6) >> 20) + " MiB are needed");
  return std::unique_ptr<WorkerState>{new WorkerState{self, room, table_key, std::move(tallies), std::move(entries4), std::move(entries6),
                                                      std::move(deadlines4), std::move(deadlines6)}};
}

WorkerState::WorkerState(WorkerId self, const WorkerRoom& room, const SipKey& table_key, std::shared_ptr<WorkerTallies> tallies,
                         MemoryBlock entries4, MemoryBlock entries6, MemoryBlock deadlines4, MemoryBlock deadlines6)
    : self_{self},
      hasher_{table_key},
      table4_{room.connections_ipv4, std::move(entries4)},
      table6_{room.connections_ipv6, std::move(entries6)},
      expiry4_{table4_.slots(), std::move(deadlines4)},
      expiry6_{table6_.slots(), std::move(deadlines6)},
      tallies_{std::move(tallies)} {
  error_rate_.set(room.icmp_errors_pps), adoption_rate_.set(room.adoptions_pps);
}

WorkerContext WorkerState::context() noexcept {
  return {.self = self_,
          .hasher = &hasher_,
          .connections4 = {&table4_, &expiry4_},
          .connections6 = {&table6_, &expiry6_},
          .counters = &tallies_->counters,
          .backends = tallies_->backends(),
          .datagrams = &datagrams_,
          .error_rate = &error_rate_,
          .adoption_rate = &adoption_rate_,
          .own_segments = &own_segments_};
}

}  // namespace tandem
