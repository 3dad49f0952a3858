// SPDX-License-Identifier: Apache-2.0
// One stream of the other node's connections. Datagrams are taken in the order of their sequence or not at all: what comes late
// counts as lost, and is said anew. What a worker has no room for at the moment waits here, and is acknowledged only once it has been
// handed on: the sender's window then fills, and his workers keep what they have to say. Pure; threads: the pair's.
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
  static constexpr std::chrono::milliseconds kAckEvery{2}, kStillHere{10};
  static constexpr unsigned kAckAfter = 32;              // datagrams: an acknowledgement names 64 before its highest
  static constexpr std::size_t kWaitingMost = 1U << 14;  // records: more than a sender's window
  static constexpr std::size_t kDueMost = 64;            // acknowledgements

  using Apply = std::function<bool(const SyncRecord&)>;  // false: no room now

  explicit FlowReceiver(std::uint8_t stream) { ack_.stream = stream; }

  enum class Taken : std::uint8_t { yes, late, busy, broken };
  Taken take(std::uint64_t sequence, std::span<const std::uint8_t> payload, const Apply& apply, Instant now);
  void retry(const Apply& apply, Instant now);  // what waits
  bool waits() const { return !waiting_.empty(); }
  void begin_anew(std::uint32_t epoch);  // another session: sequences begin again

  // Until there is none: one for each kAckAfter datagrams, else kAckEvery after the first that is not yet named. While datagrams wait the
  // last one is repeated every kStillHere, so that they are not taken for lost.
  std::optional<Ack> due_ack(Instant now);

  struct Counts {
    std::uint64_t datagrams = 0, records = 0, late = 0, busy = 0, broken = 0, passed_by = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Unnamed {
    std::uint64_t sequence = 0, last_record = 0;  // named once so many records were handed on
  };
  void name(std::uint64_t sequence, Instant now);
  void name_what_was_handed_on(Instant now);

  Ack ack_;
  std::deque<Ack> due_;
  std::deque<SyncRecord> waiting_;
  std::deque<Unnamed> unnamed_;  // datagrams whose records wait
  std::uint64_t newest_ = 0, waited_ = 0, handed_on_ = 0;
  unsigned named_ = 0;  // since the last acknowledgement
  std::optional<Instant> first_named_;
  Instant said_;
  Counts counts_;
};

}  // namespace tandem::sync
