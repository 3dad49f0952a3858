// SPDX-License-Identifier: Apache-2.0
// One worker's part in the pair's own traffic: heartbeats that it is asked to send, and frames that came for the pair's thread.
// A heartbeat proves the worker that sends it, so one that it comes to too late is dropped: it would speak for a moment in which
// the worker stood still.
// Threads: beats are pushed and frames popped by the pair's thread; all else is the worker's own. PairDesk is shared by workers.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/bell.h"
#include "common/base/clock.h"
#include "common/base/rate.h"
#include "common/base/spsc_ring.h"
#include "dataplane/model/roles.h"
#include "dataplane/packet/batch.h"
#include "dataplane/worker/sender.h"

namespace tandem {

// What all workers share with the pair's thread. Outlives them.
struct PairDesk {
  static constexpr std::uint32_t kFramesPps = 10'000;  // for the pair's thread, all workers together

  PairDesk() { rate.set(kFramesPps); }

  RoleBoard roles;
  std::atomic<bool> sync{false};    // connections' changes are told
  std::atomic<bool> digests{true};  // and sums of them kept
  // Drawn at start: were incarnations to begin at 0 again, two connections of two starts could carry one order.
  std::uint64_t first_incarnation = 0;
  SharedRate rate;
  Bell bell;  // rung when frames wait
};

struct Beat {
  rte_mbuf* mbuf = nullptr;
  PortId port{};
  Instant deadline;
};

struct PairArrival {
  rte_mbuf* mbuf = nullptr;
  PortId port{};
  Instant received;
};

class PairLink {
 public:
  static constexpr std::size_t kBeats = 128, kFrames = 256;

  PairLink(PairDesk& desk, WorkerCounters& counters, Taps& taps)
      : desk_{desk}, counters_{counters}, taps_{taps}, beats_{kBeats}, frames_{kFrames} {}

  void receive(const PairPacket& packet, Instant now) noexcept;  // takes the frame and counts what became of it
  bool send_beats(Sender& sender, Instant now) noexcept;         // all that wait; false: none did
  void abandon() noexcept;                                       // gives back what nobody will send or take any more

  SpscRing<Beat>& beats() noexcept { return beats_; }
  SpscRing<PairArrival>& frames() noexcept { return frames_; }

 private:
  void drop(PortId port, rte_mbuf* mbuf, DropReason reason) noexcept;

  PairDesk& desk_;
  WorkerCounters& counters_;
  Taps& taps_;
  SpscRing<Beat> beats_;
  SpscRing<PairArrival> frames_;
};

// A beat that crosses to the owner of a queue takes its deadline along, in a receive field that a frame to send has no use for.
void carry_deadline(rte_mbuf* mbuf, Instant deadline) noexcept;
bool is_late(const rte_mbuf* mbuf, Instant now) noexcept;

}  // namespace tandem
