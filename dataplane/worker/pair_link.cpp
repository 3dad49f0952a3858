// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/pair_link.h"

namespace tandem {

void carry_deadline(rte_mbuf* mbuf, Instant deadline) noexcept {
  const std::int64_t ns = deadline.since_start.count();
  static_assert(sizeof mbuf->hash == sizeof ns);
  std::memcpy(&mbuf->hash, &ns, sizeof ns);
}

bool is_late(const rte_mbuf* mbuf, Instant now) noexcept {
  std::int64_t ns = 0;
  std::memcpy(&ns, &mbuf->hash, sizeof ns);
  return now.since_start.count() > ns;
}

// The rate comes first, so that a flood costs the worker a load and the pair's thread nothing.
void PairLink::receive(const PairPacket& packet, Instant now) noexcept {
  if (!desk_.rate.take(now)) return drop(packet.port, packet.mbuf, DropReason::pair_limited);
  if (packet.mbuf->nb_segs != 1 && rte_pktmbuf_linearize(packet.mbuf) != 0) return drop(packet.port, packet.mbuf, DropReason::no_buffer);
  if (!frames_.push({packet.mbuf, packet.port, now})) return drop(packet.port, packet.mbuf, DropReason::pair_queue_full);
  counters_.consumed.add();
  counters_.pair_frames.add();
  desk_.bell.ring();
}

bool PairLink::send_beats(Sender& sender, Instant now) noexcept {
  SendRun run{sender, Expires::yes};
  Beat beat;
  std::size_t taken = 0;
  for (; taken < kBeats && beats_.pop(beat); ++taken) {
    counters_.originated.add();
    if (now > beat.deadline) {
      drop(beat.port, beat.mbuf, DropReason::late_heartbeat);
      continue;
    }
    counters_.beats_sent.add();
    carry_deadline(beat.mbuf, beat.deadline);
    run.add(beat.port, beat.mbuf);
  }
  return taken != 0;
}

void PairLink::abandon() noexcept {
  for (Beat beat; beats_.pop(beat);) rte_pktmbuf_free(beat.mbuf);             // never counted
  for (PairArrival frame; frames_.pop(frame);) rte_pktmbuf_free(frame.mbuf);  // counted as consumed already
}

void PairLink::drop(PortId port, rte_mbuf* mbuf, DropReason reason) noexcept {
  taps_.dropped(port, mbuf, reason);
  rte_pktmbuf_free(mbuf);
  counters_.dropped[static_cast<std::size_t>(reason)].add();
}

}  // namespace tandem
