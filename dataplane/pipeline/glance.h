// SPDX-License-Identifier: Apache-2.0
// What one worker has that a flow's packet could meet, copied in the worker's own thread: its connections of the packet's client
// end, whether its table has room, the ports of full-nat that it could get. All that a rehearsal needs besides the generation.
// Threads: begun and read by a control thread; look() is the worker's, and neither allocates nor changes anything of its own.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dataplane/conn/explained.h"
#include "dataplane/conn/port_book.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

template <typename Entry>
struct Kin {
  TableHash hash = 0;
  Entry entry;
  ConnDetail detail;
};

// Of one family's table.
template <typename Entry>
struct FamilyGlance {
  static constexpr std::size_t kMost = 32;  // connections of one client end, to as many services

  std::array<Kin<Entry>, kMost> kin;
  std::size_t count = 0;
  bool full = false, half_open_full = false;
  FloodMode flood;
  Tick tick = 0;
};

// A pool address's ports of one owner slot.
struct ShelfCopy {
  PoolSlot pool = kNoPool;
  OwnerSlot slot{};
  std::shared_ptr<PortBook> book;
};

struct FlowGlance {
  static constexpr std::size_t kMostBooks = 8;  // pool addresses whose ports are looked at

  FlowGlance(const Generation& generation, const TableHasher& hasher, const FlowQuestion& question);

  FlowQuestion question;
  std::vector<ShelfCopy> shelves;
  WorkerContext context;  // of the loop in which the worker looked
  FamilyGlance<ConnEntry4> v4;
  FamilyGlance<ConnEntry6> v6;

  void look(const WorkerContext& worker) noexcept;
};

FlowRole role_of(const Generation& generation, const FlowQuestion& question);

// Of the packet's connection, by arithmetic alone.
WorkerId owner_of(const Generation& generation, const TableHasher& hasher, const FlowQuestion& question);

// The client's end of the connection that a packet of this role belongs to.
inline const Endpoint& client_end(const FlowQuestion& question, FlowRole role) {
  return role == FlowRole::backend ? question.target : question.source;
}

template <typename Entry>
ClientEnd<typename Entry::AddressType> client_end_as(const Endpoint& end, Protocol protocol) {
  if constexpr (std::is_same_v<Entry, ConnEntry4>) return {end.address.v4(), Be16{end.port}, protocol};
  else return {end.address.v6(), Be16{end.port}, protocol};
}

}  // namespace tandem
