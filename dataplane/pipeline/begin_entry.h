// SPDX-License-Identifier: Apache-2.0
// Makes a connection's entry, whoever chose its backend: by the scheduler (open.h), or by what a packet in mid-flow proves or
// suggests (adopt.h). Threads: the worker's own.
#pragma once

#include "dataplane/conn/tcp_state.h"
#include "dataplane/pipeline/newcomer.h"

namespace tandem {

// What a connection begins with here.
struct Beginning {
  BackendSlot slot = kNoBackend;
  std::uint8_t flags = 0;    // kConnException, kConnAdopted
  std::uint8_t guesses = 0;  // as ConnDetail has it
  Life life;
};

// In the table, with a port of ours where the method wants one, its state entered, counted, and noted for the peer. There is room
// (make_room); whether it failed is for the caller to count.
template <typename Entry>
typename ConnTable<Entry>::Inserted begin_entry(const Pass& pass, const Newcomer<Entry>& newcomer, const Beginning& beginning) noexcept;

extern template ConnTable<ConnEntry4>::Inserted begin_entry(const Pass&, const Newcomer<ConnEntry4>&, const Beginning&) noexcept;
extern template ConnTable<ConnEntry6>::Inserted begin_entry(const Pass&, const Newcomer<ConnEntry6>&, const Beginning&) noexcept;

inline void count_failure(const Pass& pass, InsertFailure failure) noexcept {
  pass.counters().insert_failures[static_cast<std::size_t>(failure)].add();
}

inline void count_orphan(const Pass& pass, OrphanDecision decision) noexcept {
  pass.counters().orphans[static_cast<std::size_t>(decision)].add();
}

}  // namespace tandem
