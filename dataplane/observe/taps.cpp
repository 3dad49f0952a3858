// SPDX-License-Identifier: Apache-2.0
#include "dataplane/observe/taps.h"

#include <algorithm>

#include "dataplane/observe/filter.h"

namespace tandem {

namespace {

std::span<const std::uint8_t> first_segment(const rte_mbuf* frame) noexcept {
  return {rte_pktmbuf_mtod(frame, const std::uint8_t*), frame->data_len};
}

}  // namespace

bool Taps::is_wanted(TapPoint point, PortId port, const rte_mbuf* frame) const noexcept {
  const CaptureWish& wish = capture_->wish;
  const bool here = port == kPortUnknown ? wish.ports == ~0U : (wish.ports >> index(port) & 1) != 0;
  if (!here || (wish.points >> static_cast<unsigned>(point) & 1) == 0) return false;
  return passes(wish.filter, first_segment(frame), frame->pkt_len);
}

// What lies behind the first segment is left out, as if it were behind the snap length.
Taps::Laid Taps::lay(TapPoint point, PortId port, const rte_mbuf* frame, DropReason reason) noexcept {
  if (!is_wanted(point, port, frame)) return Laid::no;
  const std::size_t kept = std::min<std::size_t>(frame->data_len, capture_->wish.snap_bytes);
  if (kept > budget_) return Laid::lost;
  const CaptureHead head{now_.since_start.count(), frame->pkt_len, static_cast<std::uint32_t>(kept), port, point, reason, self_};
  const auto bytes = std::as_bytes(first_segment(frame).first(kept));
  if (!ring().lay(std::as_bytes(std::span{&head, 1}), bytes)) return Laid::lost;
  budget_ -= kept;
  return Laid::yes;
}

void Taps::count(Laid laid) noexcept {
  if (laid == Laid::no) return;
  WatchCounts& counts = capture_->counts[index(self_)];
  counts.seen.add();
  if (laid == Laid::lost) counts.lost.add();
}

void Taps::see(TapPoint point, PortId port, const rte_mbuf* frame, DropReason reason) noexcept {
  count(lay(point, port, frame, reason));
  ring().show();
}

void Taps::see_all(TapPoint point, PortId port, std::span<rte_mbuf* const> frames) noexcept {
  for (const rte_mbuf* frame : frames) count(lay(point, port, frame, DropReason::count_));
  ring().show();
}

void Taps::lay_offered(PortId port, std::span<rte_mbuf* const> frames) noexcept {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    offered_[i] = lay(TapPoint::tx, port, frames[i], DropReason::count_);
    marks_[i] = ring().mark();
  }
}

void Taps::show_offered(std::size_t count_taken) noexcept {
  for (std::size_t i = 0; i < count_taken; ++i) count(offered_[i]);
  if (count_taken != 0) ring().show(marks_[count_taken - 1]);
  ring().take_back();
}

void Taps::settle_maybe(bool yes) noexcept {
  if (yes) count(maybe_), ring().show();
  else ring().take_back();
}

}  // namespace tandem
