// SPDX-License-Identifier: Apache-2.0
// One worker's eyes for a capture: copies of frames where they come, leave, end, or go to the kernel, by a ring to the control thread.
// While nobody looks on it costs a load per loop and a test per burst. While somebody does, at most kBytesPerLoop are copied in one
// loop; what is more, or finds no room, is counted as lost: packets never wait for who watches them.
// Threads: one worker's own.
#pragma once

#include <array>
#include <span>

#include "common/base/clock.h"
#include "dataplane/observe/watch.h"
#include "dataplane/packet/batch.h"

namespace tandem {

class Taps {
 public:
  static constexpr std::size_t kBytesPerLoop = 128 << 10;

  Taps(WorkerId self, WatchBoard* board) : self_{self}, board_{board} {}  // null: nobody ever looks on

  void begin_turn(Instant now) noexcept {
    const Watch* watch = board_ == nullptr ? nullptr : board_->look(self_);
    capture_ = watch == nullptr ? nullptr : watch->capture.get();
    trace_ = watch == nullptr ? nullptr : watch->trace.get();
    now_ = now, budget_ = kBytesPerLoop;
  }
  bool on() const noexcept { return capture_ != nullptr || trace_ != nullptr; }
  bool captures() const noexcept { return capture_ != nullptr; }

  void received(PortId port, std::span<rte_mbuf* const> frames) noexcept {
    if (captures()) [[unlikely]]
      see_all(TapPoint::rx, port, frames);
  }
  void punted(PortId port, const rte_mbuf* frame) noexcept {
    if (captures()) [[unlikely]]
      see(TapPoint::punt, port, frame, DropReason::count_);
  }
  void dropped(PortId port, const rte_mbuf* frame, DropReason reason) noexcept {
    if (captures()) [[unlikely]]
      see(TapPoint::drop, port, frame, reason);
  }
  void dropped(std::span<Packet* const> packets) noexcept {
    if (captures()) [[unlikely]]
      for (const Packet* packet : packets) see(TapPoint::drop, packet->port, packet->mbuf, packet->reason);
  }

  // What a queue shall send: looked at before, because afterwards the buffers are the driver's; so many were taken.
  void offer(PortId port, std::span<rte_mbuf* const> frames) noexcept {
    if (captures()) [[unlikely]]
      lay_offered(port, frames);
  }
  void taken(std::size_t count) noexcept {
    if (captures()) [[unlikely]]
      show_offered(count);
  }

  // What cannot be looked at any more once it has happened: laid before, shown or taken back by did(). A packet that is made into
  // the message of its own end; one that goes to the control thread.
  void may_drop(const Packet& packet, DropReason reason) noexcept {
    if (captures()) [[unlikely]]
      maybe_ = lay(TapPoint::drop, packet.port, packet.mbuf, reason);
  }
  void may_punt(PortId port, const rte_mbuf* frame) noexcept {
    if (captures()) [[unlikely]]
      maybe_ = lay(TapPoint::punt, port, frame, DropReason::count_);
  }
  void did(bool yes) noexcept {
    if (captures()) [[unlikely]]
      settle_maybe(yes);
  }

  // Of the trace (pipeline/trace_batch.h); null: there is none.
  Trace* trace() const noexcept { return trace_; }
  WorkerId self() const noexcept { return self_; }
  Instant now() const noexcept { return now_; }

 private:
  enum class Laid : std::uint8_t { no, yes, lost };

  bool is_wanted(TapPoint point, PortId port, const rte_mbuf* frame) const noexcept;
  Laid lay(TapPoint point, PortId port, const rte_mbuf* frame, DropReason reason) noexcept;
  void see(TapPoint point, PortId port, const rte_mbuf* frame, DropReason reason) noexcept;
  void see_all(TapPoint point, PortId port, std::span<rte_mbuf* const> frames) noexcept;
  void lay_offered(PortId port, std::span<rte_mbuf* const> frames) noexcept;
  void show_offered(std::size_t count) noexcept;
  void settle_maybe(bool yes) noexcept;
  void count(Laid laid) noexcept;
  ByteRing& ring() const noexcept { return *capture_->rings[index(self_)]; }

  WorkerId self_;
  WatchBoard* board_;
  Capture* capture_ = nullptr;
  Trace* trace_ = nullptr;
  Instant now_;
  std::size_t budget_ = 0;
  // Of the burst that is offered, by place: the ring's end behind it, and what came of it.
  std::array<ByteRing::Mark, kBatchMax> marks_{};
  std::array<Laid, kBatchMax> offered_{};
  Laid maybe_ = Laid::no;
};

}  // namespace tandem
