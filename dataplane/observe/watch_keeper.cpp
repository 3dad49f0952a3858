// SPDX-License-Identifier: Apache-2.0
#include "dataplane/observe/watch_keeper.h"

#include "dataplane/observe/filter.h"

namespace tandem {

namespace {

CaptureTotals sum(const std::vector<WatchCounts>& counts) {
  CaptureTotals totals;
  for (const WatchCounts& each : counts) totals.seen += each.seen.get(), totals.lost += each.lost.get();
  return totals;
}

void hand(ByteRing::Bytes record, const WatchDesk::Captured& handle) {
  CaptureHead head;
  std::memcpy(&head, record.data(), sizeof head);
  handle(head, record.subspan(sizeof head));
}

}  // namespace

void WatchKeeper::tell_workers() {
  if (!capturing_ && !tracing_) return board_.put(nullptr);
  board_.put(std::make_shared<const Watch>(Watch{capturing_ ? capture_ : nullptr, tracing_ ? trace_ : nullptr}));
}

Result<> WatchKeeper::begin_capture(CaptureWish wish) {
  if (const Result<> sound = judge_filter(wish.filter); !sound) return sound;
  capture_ = std::make_shared<Capture>(std::move(wish), workers_);
  capturing_ = true;
  tell_workers();
  return {};
}

std::size_t WatchKeeper::take_captured(std::size_t most_bytes, const Captured& handle) {
  board_.reclaim();
  std::size_t taken = 0;
  for (std::size_t w = 0; capture_ != nullptr && w < workers_; ++w) {
    const std::size_t share = most_bytes * (w + 1) / workers_;  // a busy worker leaves the others theirs
    const auto take = [&](ByteRing::Bytes record) { taken += record.size(), hand(record, handle); };
    while (taken < share && capture_->rings[w]->pop(take)) continue;
  }
  return taken;
}

CaptureTotals WatchKeeper::capture_totals() const { return capture_ == nullptr ? CaptureTotals{} : sum(capture_->counts); }

void WatchKeeper::stop_capture() {
  capturing_ = false;
  tell_workers();
}

Result<> WatchKeeper::begin_trace(FilterProgram filter) {
  if (const Result<> sound = judge_filter(filter); !sound) return sound;
  trace_ = std::make_shared<Trace>(std::move(filter), workers_);
  tracing_ = true;
  tell_workers();
  return {};
}

std::size_t WatchKeeper::take_traced(std::size_t most, const Traced& handle) {
  board_.reclaim();
  std::size_t taken = 0;
  for (std::size_t w = 0; trace_ != nullptr && w < workers_; ++w)
    for (TraceRecord record; taken < most && trace_->rings[w]->pop(record); ++taken) handle(record);
  return taken;
}

CaptureTotals WatchKeeper::trace_totals() const { return trace_ == nullptr ? CaptureTotals{} : sum(trace_->counts); }

void WatchKeeper::stop_trace() {
  tracing_ = false;
  tell_workers();
}

}  // namespace tandem
