// SPDX-License-Identifier: Apache-2.0
// This node's workers, as the pair's thread tells and learns their connections, and as it compares them with the other node's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/conn/flow_side.h"
#include "dataplane/conn/sync_record.h"

namespace tandem::sync {

class FlowWorkers {
 public:
  virtual ~FlowWorkers() = default;
  virtual std::size_t workers() const = 0;
  virtual std::size_t take_changes(std::size_t worker, std::span<SyncRecord> out) = 0;
  virtual bool apply(const SyncRecord& record) = 0;                                // false: no room now
  virtual void request_bulk(std::size_t worker) = 0;                               // all of its connections, then one bulk_end
  virtual bool request_refresh(std::size_t worker, const SyncRecord& record) = 0;  // false: no room now; a walk will do
  struct Trouble {
    bool lost = false;  // changes went untold since last asked
    bool full = false;  // what was learnt found no room in a table
  };
  virtual Trouble take_trouble(std::size_t worker) = 0;
  virtual void set_peer_full(bool) {}  // tell it only of what the schedule would not choose again

  // Sums by bucket over all workers, from `first` on. The answer: the groups they are of, a bit each; none: not whole just now.
  virtual std::optional<std::uint32_t> read_sums(FlowSide, std::size_t /*first*/, std::span<std::uint64_t>) { return {}; }
  // Whether all that was given to apply() before the last mark() has met the tables.
  virtual void mark() {}
  virtual bool is_past_mark() const { return true; }
  // Each goes through its tables once, tells what of these buckets is its own and asks about what it holds. False: still at the last.
  virtual bool mend(std::span<const std::uint16_t> /*own*/, std::span<const std::uint16_t> /*held*/) { return false; }
};

}  // namespace tandem::sync
