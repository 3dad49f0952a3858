// SPDX-License-Identifier: Apache-2.0
// A worker's small duties between bursts, each in slices.
#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/end_denied.h"
#include "dataplane/worker/worker.h"

namespace tandem {

namespace {

constexpr std::chrono::milliseconds kLossesEvery{10};

}  // namespace

bool Worker::keep_house() noexcept {
  if (held_.due(*context_.generation, now_)) retry_held();
  const bool fragments_ended = state_->datagrams().expire(now_);
  if (fragments_ended) release_fragments();
  expire();
  watch_table();
  if (now_ >= losses_due_) {
    losses_due_ = now_ + kLossesEvery;
    for (const RxQueue& queue : duties_.receives)
      if (queue.queue == 0) around_.losses.take(queue.port, counters_);
  }
  const bool cut = cutter_.turn(context_);
  if (cut) send_own_segments();
  const bool scanned = scan_.turn(*state_, *context_.generation), denied = end_denied(context_, denials_);
  const bool looked = glances_.turn(context_);
  return sync_flows() || scanned || looked || cut || denied || fragments_ended;
}

// The teller runs without a pair too: what was noted for the last one is to be forgotten.
bool Worker::sync_flows() noexcept {
  bool busy = context_.flows != nullptr && learner_.turn(context_);
  busy |= context_.flows != nullptr && mender_.turn(context_);
  busy |= teller_.turn(context_);
  census_.turn(context_);
  return busy;
}

// Who lives on though nobody is heard here must not be young again when 16 bits of ticks come round: as old as they can say is old enough.
template <typename Entry>
void stay_old(Entry& entry, Tick tick) noexcept {
  if (entry.idle_ticks(tick) > kMaxIdleTicks) entry.touch(tick - kMaxIdleTicks);
}

template <typename Entry>
void Worker::expire_family(const Connections<Entry>& connections) noexcept {
  Expiry& expiry = *connections.expiry;
  expiry.sweep(*connections.table, [&](Entry& entry) {
    const ConnDetail& detail = connections.table->detail(entry);
    const std::uint16_t left =
        context_.flows == nullptr ? 0 : tenure_.reprieve(group_of(context_, detail.service), detail.idle_timeout, expiry.tick());
    if (left == 0) return end_connection(context_, connections, entry, RemoveReason::expired);
    stay_old(entry, expiry.tick());
    expiry.arm(connections.table->handle(entry), left);
  });
}

void Worker::expire() noexcept {
  expire_family(context_.connections4);
  expire_family(context_.connections6);
  counters_.entries_ipv4.set(state_->table4().size());
  counters_.entries_ipv6.set(state_->table6().size());
  counters_.half_open.set(state_->table4().count(ConnState::half_open) + state_->table6().count(ConnState::half_open));
}

template <typename Entry>
bool in_flood(const Connections<Entry>& connections) noexcept {
  return connections.table->flood().judge(connections.table->fill(), connections.expiry->tick());
}

void Worker::watch_table() noexcept {
  const bool flood = in_flood(context_.connections4) | in_flood(context_.connections6);
  if (flood != (counters_.flood.get() != 0))
    events_.push({flood ? WorkerEventKind::flood_began : WorkerEventKind::flood_ended, context_.self, {}, 0, {}});
  counters_.flood.set(flood ? 1 : 0);
  const bool full = state_->table4().full() || state_->table6().full();
  if (full && !table_was_full_) events_.push({WorkerEventKind::table_full, context_.self, {}, 0, {}});
  table_was_full_ = full;
}

}  // namespace tandem
