// SPDX-License-Identifier: Apache-2.0
// What a worker gives to others and takes from them, and what control threads give it to send.
#include <algorithm>
#include <bit>

#include "dataplane/worker/worker.h"

namespace tandem {

namespace {

constexpr int kBells = 64;  // bits of a doorbell

// Asked for together: another core has just written these lines, and one after the other they would cost more than the forwarding.
void ask_for_lines(std::span<const Crossing> crossings) noexcept {
  for (const Crossing& crossing : crossings) prefetch_for_write(crossing.mbuf), prefetch_for_write(&crossing.mbuf->next);
  for (const Crossing& crossing : crossings) prefetch_for_write(rte_pktmbuf_mtod(crossing.mbuf, std::uint8_t*));
}

}  // namespace

bool Worker::take_crossings() noexcept {
  rung_ |= around_.fabric.answer_bell(context_.self);
  if (rung_ == 0) return false;
  batch_.clear();
  SendRun run{sender_};
  int next = first_ring_;
  // From where the last turn ended, so that two full rings do not keep a third one waiting.
  for (std::uint64_t left = std::rotr(rung_, first_ring_); left != 0 && batch_.room() != 0; left &= left - 1) {
    const int from = (std::countr_zero(left) + first_ring_) % kBells;
    // Empty as of now; what is pushed later rings again. A ring that still holds something keeps its bit for the next loop.
    if (take_from(around_.fabric.between(static_cast<WorkerId>(from), context_.self), run)) rung_ &= ~(std::uint64_t{1} << from);
    next = (from + 1) % kBells;
  }
  first_ring_ = next;
  if (batch_.size() != 0) run_batch();
  return true;
}

bool Worker::take_from(SpscRing<Crossing>& ring, SendRun& run) noexcept {
  std::array<Crossing, kBatchMax> crossings;
  const std::size_t most = std::min(crossings.size(), batch_.room());
  std::size_t taken = 0;
  while (taken < most && ring.pop(crossings[taken])) ++taken;
  ask_for_lines(std::span{crossings}.first(taken));
  for (const Crossing& crossing : std::span{crossings}.first(taken)) take(crossing, run);
  return taken < most;
}

void Worker::take(const Crossing& crossing, SendRun& run) noexcept {
  if (crossing.to_wire) {
    if (crossing.expires && is_late(crossing.mbuf, now_)) drop(crossing.mbuf, DropReason::late_heartbeat);
    else run.add(crossing.port, crossing.mbuf);
    return;
  }
  counters_.handover_in.add();
  batch_.add_handed_over(crossing.mbuf);
}

void Worker::hand_over() noexcept {
  std::uint64_t owners = 0;
  for (const Handover& handover : batch_.handovers()) {
    if (!around_.fabric.push(context_.self, handover.owner, {handover.mbuf, {}, false})) {
      drop(handover.mbuf, DropReason::handover_full);
      continue;
    }
    counters_.handover_out.add();
    owners |= std::uint64_t{1} << index(handover.owner);
  }
  for (; owners != 0; owners &= owners - 1) around_.fabric.ring_bell(context_.self, static_cast<WorkerId>(__builtin_ctzll(owners)));
}

bool Worker::inject(rte_mbuf* mbuf, PortId port) {
  const std::lock_guard lock{injecting_};
  const bool pushed = injections_.push({mbuf, port, true});
  wake();
  return pushed;
}

bool Worker::take_injections() noexcept {
  SendRun run{sender_};
  Crossing crossing;
  std::size_t taken = 0;
  while (taken < kBurst && injections_.pop(crossing)) {
    ++taken;
    counters_.injected.add();
    run.add(crossing.port, crossing.mbuf);
  }
  return taken != 0;
}

}  // namespace tandem
