// SPDX-License-Identifier: Apache-2.0
// This node's workers, as the pair's thread tells and learns their connections (docs/design/pair-sync.md), and as it compares them
// with the other node's. Threads: the pair's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "common/base/ids.h"
#include "dataplane/conn/flow_side.h"
#include "dataplane/conn/sync_record.h"

namespace tandem {

class FlowWorkers {
 public:
  virtual ~FlowWorkers() = default;
  virtual std::size_t workers() const = 0;

  // Off, nothing is noted: whoever turns it on takes what still waits, then asks for a bulk.
  virtual void set_sync(bool) {}
  virtual std::size_t take_changes(WorkerId worker, std::span<SyncRecord> room) = 0;  // as many as were there, or as there is room for
  virtual bool apply(const SyncRecord& record) = 0;                                   // false: no room now
  virtual void request_bulk(WorkerId worker) = 0;  // every connection of our groups as put, then bulk_end; anew if one is under way
  // What was told is told again if it is still that connection. False: no room now; a walk will do.
  virtual bool request_refresh(WorkerId worker, const SyncRecord& told) = 0;
  virtual SyncFlags take_flags(WorkerId worker) = 0;  // since the last call
  virtual void set_peer_full(bool) {}                 // it has no room: tell it only of what the schedule would not choose again

  // Sums of connections by bucket (flow_sums.h), all workers' together, from `first` on. The answer: the groups they are of, a bit
  // each; none: they are not whole just now, or off.
  virtual void set_digests(bool) {}
  virtual std::optional<std::uint32_t> read_sums(FlowSide, std::size_t /*first*/, std::span<std::uint64_t>) { return {}; }
  // Whether all that was given to apply() before the last mark() has met the tables.
  virtual void mark() {}
  virtual bool is_past_mark() const { return true; }
  // Workers go through these buckets once, tell what is their own and ask about what they hold. False: they are still at the last.
  virtual bool mend(std::span<const std::uint16_t> /*own*/, std::span<const std::uint16_t> /*held*/) { return false; }
};

}  // namespace tandem
