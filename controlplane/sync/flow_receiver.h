// SPDX-License-Identifier: Apache-2.0
// One stream of the other node's connections. Datagrams are taken in the order of their sequence or not at all: what comes late
// counts as lost, and is said anew. What a worker has no room for at the moment waits here, and nothing more is taken meanwhile:
// the sender's window then fills, and his workers keep what they have to say. Pure; threads: the pair's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>

#include "common/base/clock.h"
#include "controlplane/sync/ack.h"
#include "controlplane/sync/record.h"

namespace tandem::sync {

class FlowReceiver {
 public:
  static constexpr std::chrono::milliseconds kAckEvery{2};
  static constexpr unsigned kAckAfter = 32;  // datagrams

  using Apply = std::function<bool(const SyncRecord&)>;  // false: no room now

  explicit FlowReceiver(std::uint8_t stream) { ack_.stream = stream; }

  enum class Taken : std::uint8_t { yes, late, busy, broken };
  Taken take(std::uint64_t sequence, std::span<const std::uint8_t> payload, const Apply& apply, Instant now);
  void retry(const Apply& apply);  // what waits
  bool waits() const { return !waiting_.empty(); }
  void begin_anew(std::uint32_t epoch);  // another session: sequences begin again

  std::optional<Ack> due_ack(Instant now);  // at once after kAckAfter datagrams, else kAckEvery after the first that is not yet named

  struct Counts {
    std::uint64_t datagrams = 0, records = 0, late = 0, busy = 0, broken = 0, passed_by = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  void note(std::uint64_t sequence, Instant now);

  Ack ack_;
  std::deque<SyncRecord> waiting_;
  unsigned unnamed_ = 0;
  std::optional<Instant> first_unnamed_;
  Counts counts_;
};

}  // namespace tandem::sync
