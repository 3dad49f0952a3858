// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/worker.h"

#include <sys/prctl.h>

#include "dataplane/packet/own_buffer.h"
#include "dataplane/worker/rest.h"

namespace tandem {

std::uint32_t Worker::buffers_held(unsigned workers) {
  const std::size_t crossings = (workers - 1) * Fabric::ring_capacity(workers);
  return static_cast<std::uint32_t>(crossings + kPuntClasses * PuntGate::kRing + kInjectionRing + PairLink::kBeats + PairLink::kFrames +
                                    HoldQueue::kHeldMax + DatagramTable::kHeldMax + 2 * kBatchMax);
}

Worker::Worker(WorkerId self, const WorkerSurroundings& around, WorkerDuties duties, std::unique_ptr<WorkerState> state)
    : around_{around},
      duties_{std::move(duties)},
      state_{std::move(state)},
      counters_{state_->counters()},
      context_{state_->context()},
      taps_{self, around.watches},
      sender_{self, around.wire, around.fabric, counters_, taps_, duties_.sends},
      punts_{around.punt_rates, around.punt_bell, counters_, taps_},
      pair_{around.pair, counters_, taps_},
      flow_log_{around.pair.roles, flow_desk_, counters_, around.pair.first_incarnation},
      teller_{flow_log_, flow_desk_, around.pair.bell, counters_},
      learner_{flow_desk_, counters_},
      census_{flow_log_.sums()},
      mender_{flow_desk_, counters_},
      progress_{counters_, around.cycles_per_second},
      events_{kEventRing},
      injections_{kInjectionRing},
      started_{around.clock.now()} {
  context_.queue_per_worker_ports = duties_.queue_per_worker_ports;
  context_.tallies = around.tallies;
  context_.buffers = around.buffers;
  context_.sources = around.sources;
}

void Worker::begin_turn() noexcept {
  now_ = around_.clock.now();
  progress_.loop_began(now_);
  context_.generation = &around_.publisher.enter(context_.self);
  context_.roles = around_.pair.roles.get();
  context_.port_halves = around_.pair.roles.port_halves();
  context_.now = now_;
  taps_.begin_turn(now_);
  context_.taps = taps_.on() ? &taps_ : nullptr;
  const auto tick = static_cast<Tick>((now_ - started_) / kTick);
  state_->expiry4().advance(tick);
  state_->expiry6().advance(tick);
  tenure_.note(context_.roles, state_->expiry4().tick());
  context_.flows = context_.generation->pair.on ? &flow_log_ : nullptr;
  flow_log_.listen(context_.flows != nullptr && around_.pair.sync.load(std::memory_order_relaxed));
  flow_log_.sums().note(context_.roles, flow_log_.listening() && around_.pair.digests.load(std::memory_order_relaxed));
}

bool Worker::turn() noexcept {
  begin_turn();
  bool busy = pair_.send_beats(sender_, now_);
  busy |= take_crossings();
  busy |= take_injections();
  busy |= receive();
  busy |= keep_house();
  progress_.loop_ended(busy);
  return busy;
}

void Worker::run(const std::atomic<bool>& stop) noexcept {
  prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);  // 1 us instead of 50: a nap shall be as long as it was meant
  Rest rest{duties_.sockets, around_.fabric.bell_of(context_.self)};
  while (!stop.load(std::memory_order_relaxed)) {
    if (turn()) rest.busy();
    else if (duties_.adaptive_idle && rest.wanted()) {
      around_.publisher.leave(context_.self);
      rest.take(now_, counters_.rx.get(), teller_.patience(now_).value_or(Rest::kLongestWait));
      progress_.slept();
    }
  }
  around_.publisher.leave(context_.self);
}

bool Worker::settle() noexcept {
  begin_turn();
  const bool beaten = pair_.send_beats(sender_, now_), crossed = take_crossings(), injected = take_injections();
  if (held_.due(*context_.generation, now_)) retry_held();
  around_.publisher.leave(context_.self);
  return beaten || crossed || injected;
}

void Worker::abandon() noexcept {
  around_.publisher.leave(context_.self);
  held_.clear([&](rte_mbuf* mbuf) { drop(mbuf, DropReason::unresolved_neighbour); });
  while (state_->datagrams().expire(now_ + DatagramTable::kPatience)) release_fragments();
  note_held();
  Crossing crossing;
  for (std::size_t i = 0; i < kPuntClasses; ++i)
    while (punts_.ring(static_cast<PuntClass>(i)).pop(crossing)) rte_pktmbuf_free(crossing.mbuf);  // counted as punted already
  pair_.abandon();
}

bool Worker::receive() noexcept {
  bool busy = false;
  for (const RxQueue& queue : duties_.receives) {
    std::array<rte_mbuf*, kBurst> burst;
    std::uint16_t count = around_.wire.receive(queue.port, queue.queue, burst.data(), kBurst);
    progress_.burst(count);
    if (count == 0) continue;
    counters_.rx.add(count);
    counters_.port_heard[index(queue.port)].set(static_cast<std::uint64_t>(now_.since_start.count()));
    taps_.received(queue.port, {burst.data(), count});
    if (const std::uint64_t secret = around_.probes != nullptr ? around_.probes->secret() : 0; secret != 0) [[unlikely]]
      count = take_probes(secret, queue, burst.data(), count);
    batch_.clear();
    for (std::uint16_t i = 0; i < count; ++i) {
      if (rte_mbuf* const own = own_buffer(burst[i]); own != nullptr) [[likely]]
        batch_.add(own, queue.port);
      else drop(burst[i], DropReason::no_buffer);
    }
    run_batch();
    busy = true;
  }
  return busy;
}

std::uint16_t Worker::take_probes(std::uint64_t secret, const RxQueue& queue, rte_mbuf** burst, std::uint16_t count) noexcept {
  const std::uint16_t kept = probes_.take(secret, queue.port, queue.queue, burst, count);
  counters_.consumed.add(count - kept);
  return kept;
}

void Worker::run_batch() noexcept {
  run_pipeline();
  release_fragments();
  send_own_segments();
}

void Worker::run_pipeline() noexcept {
  pipeline_.run(context_, batch_);
  empty_batch();
}

void Worker::send_own_segments() noexcept {
  while (!state_->own_segments().empty()) {
    batch_.clear();
    pipeline_.send_own_segments(context_, batch_);
    empty_batch();
  }
}

void Worker::empty_batch() noexcept {
  for (std::uint32_t ports = batch_.ports(); ports != 0; ports &= ports - 1) {
    const auto port = static_cast<PortId>(__builtin_ctz(ports));
    sender_.send(port, batch_.transmits(port));
  }
  for (const Punt& punt : batch_.punts()) punts_.punt(punt, (*context_.generation->ports)[index(punt.port)].twin, now_);
  for (const PairPacket& packet : batch_.to_pair()) pair_.receive(packet, now_);
  hand_over();
  hold();
}

// What waited for a first fragment that has come goes after it; such packets let no others go, so this ends.
void Worker::release_fragments() noexcept {
  while (add_fragments()) run_pipeline();
  note_held();
}

// False: none waits no more. What it drops needs no pass.
bool Worker::add_fragments() noexcept {
  batch_.clear();
  LeavingFragment leaving;
  while (batch_.room() != 0 && state_->datagrams().take(leaving)) {
    if (leaving.reason == DropReason::count_) batch_.add_traced(leaving.mbuf, leaving.flow);
    else drop(leaving.mbuf, leaving.reason);
  }
  return batch_.size() != 0;
}

void Worker::note_held() noexcept { counters_.held.set(held_.size() + state_->datagrams().held()); }

void Worker::hold() noexcept {
  for (const Held& held : batch_.held()) {
    want_neighbour(held);
    if (!held_.add(held, now_)) drop(held.mbuf, DropReason::hold_full);
  }
}

void Worker::want_neighbour(const Held& held) noexcept {
  const std::optional<NextHop> hop = awaited_neighbour(*context_.generation, held);
  if (!hop || !asked_.ask(*hop, now_)) return;
  events_.push({WorkerEventKind::neighbour_wanted, context_.self, hop->port, hop->vlan, hop->address});
}

void Worker::retry_held() noexcept {
  held_.retry(*context_.generation, now_, [&](rte_mbuf* mbuf, const Release& release) {
    if (release.verdict == Verdict::transmit) sender_.send(release.port, {&mbuf, 1});
    else drop(mbuf, release.reason);
  });
  note_held();
}

void Worker::drop(rte_mbuf* mbuf, DropReason reason) noexcept {
  taps_.dropped(kPortUnknown, mbuf, reason);
  rte_pktmbuf_free(mbuf);
  counters_.dropped[static_cast<std::size_t>(reason)].add();
}

}  // namespace tandem
