// SPDX-License-Identifier: Apache-2.0
// What one worker notes for the peer while it serves packets: which connections changed, and which ended. FlowTeller (worker/)
// makes records of it in its own time.
// A changed entry is noted once by its place (kConnDirty), however often it changes until it is told; one that ended, by value.
// A peer that has no room is told of no new connection that the schedule alone would choose again.
// Both logs are bounded: a note that finds no room is lost, counted, and raises FlowDesk::lost.
// Threads: the owning worker alone.
#pragma once

#include <cstdint>

#include "common/base/spsc_ring.h"
#include "dataplane/conn/flow_desk.h"
#include "dataplane/conn/flow_record.h"
#include "dataplane/conn/flow_sums.h"
#include "dataplane/model/roles.h"
#include "dataplane/stats/counters.h"

namespace tandem {

class FlowLog {
 public:
  static constexpr std::size_t kChanged = 65536, kEnded = 16384;

  struct Place {
    ConnHandle handle = kNoConn;
    Family family = Family::ipv4;
  };

  FlowLog(const RoleBoard& board, FlowDesk& desk, WorkerCounters& counters, std::uint64_t first_incarnation)
      : board_{board}, desk_{desk}, counters_{counters}, changed_{kChanged}, ended_{kEnded}, incarnation_{first_incarnation} {}

  // Off: orders are drawn, nothing is noted.
  void listen(bool on) noexcept { listening_ = on; }
  bool listening() const noexcept { return listening_; }

  // For a connection that is made here in a group that is ours.
  ConnOrder draw(GroupId group) noexcept { return {.term = board_.term(group), .incarnation = ++incarnation_ & kLastIncarnation}; }

  template <typename Entry>
  void changed(ConnTable<Entry>& table, Entry& entry) noexcept;
  void ended(const SyncRecord& record) noexcept {
    if (listening_ && !ended_.push(record)) lose();
  }
  bool peer_is_full() const noexcept { return desk_.peer_full.load(std::memory_order_relaxed); }
  void shadow_evicted() noexcept { FlowDesk::raise(desk_.full); }  // the peer believes that we have it

  FlowSums& sums() noexcept { return sums_; }

  bool next_changed(Place& place) noexcept { return changed_.pop(place); }
  bool next_ended(SyncRecord& record) noexcept { return ended_.pop(record); }

 private:
  void lose() noexcept {
    counters_.sync_overflow.add();
    FlowDesk::raise(desk_.lost);
  }

  const RoleBoard& board_;
  FlowDesk& desk_;
  WorkerCounters& counters_;
  SpscRing<Place> changed_;  // both are this worker's alone
  SpscRing<SyncRecord> ended_;
  FlowSums sums_;
  std::uint64_t incarnation_;
  bool listening_ = false;
};

template <typename Entry>
void FlowLog::changed(ConnTable<Entry>& table, Entry& entry) noexcept {
  if (!listening_ || entry.is(kConnDirty)) return;
  // A flood of SYNs is not the peer's to suffer: under pressure a connection is told when it is established.
  if (entry.state == ConnState::half_open && !peer_may_have(entry) && table.under_pressure()) return;
  if (peer_is_full() && is_derivable(entry) && !peer_may_have(entry)) return;  // he says so when he has room: all is told again then
  if (!changed_.push({table.handle(entry), family_of<Entry>()})) return lose();
  entry.flags |= kConnDirty;
}

}  // namespace tandem
