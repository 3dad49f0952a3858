// SPDX-License-Identifier: Apache-2.0
// Makes records for the peer of what a worker noted (FlowLog): so many a turn, and only while the ring to the pair's thread has
// room. Also tells everything once when asked (bulk), by a walk of the tables in slices.
// A put is told by who owns the connection, and by who alone knows it; other changes are reports to the owner.
// Threads: the owning worker alone.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bell.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

class FlowTeller {
 public:
  static constexpr std::size_t kSlice = 64, kBulkSlice = 512;
  // So often at most is the pair's thread woken while less than half of the ring waits: to wake it for each record would cost more
  // than all else, here and at the other node.
  static constexpr std::chrono::microseconds kGather{500};

  FlowTeller(FlowLog& log, FlowDesk& desk, Bell& bell, WorkerCounters& counters)
      : log_{log}, desk_{desk}, bell_{bell}, counters_{counters} {}

  bool turn(const WorkerContext& context) noexcept;  // true: there was something to do
  // How long the worker may rest before the pair's thread is to be woken for what waits; none: nothing does.
  std::optional<Nanoseconds> patience(Instant now) const noexcept;

 private:
  std::size_t room() const noexcept { return desk_.told.capacity() - desk_.told.size(); }
  std::size_t slice() const noexcept { return room() < kSlice ? room() : kSlice; }

  bool forget(const WorkerContext& context) noexcept;
  bool look_again(const WorkerContext& context) noexcept;
  bool tell_ended() noexcept;
  bool tell_changed(const WorkerContext& context) noexcept;
  bool tell_all(const WorkerContext& context) noexcept;
  bool walk_slice(const WorkerContext& context) noexcept;
  template <typename Entry>
  void tell(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept;
  template <typename Entry>
  std::size_t walk(const WorkerContext& context, const Connections<Entry>& connections, std::size_t from) noexcept;
  void push(const SyncRecord& record) noexcept;  // relies on room
  void wake_thread(Instant now) noexcept;

  FlowLog& log_;
  FlowDesk& desk_;
  Bell& bell_;
  WorkerCounters& counters_;
  Instant woken_;
  std::uint32_t bulk_ = 0;  // the one that is told, or was last
  bool bulk_done_ = true;
  // Heard before the walk was asked for, of a peer that may be gone: learned after the walk nobody would tell it to the new one.
  std::size_t unlearned_ = 0;
  std::size_t next4_ = 0, next6_ = 0;
};

}  // namespace tandem
