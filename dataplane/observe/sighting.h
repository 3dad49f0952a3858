// SPDX-License-Identifier: Apache-2.0
// What is seen of packets, and what an operator wants to see: values that go between workers and the control plane.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "dataplane/stats/drop_reason.h"

namespace tandem {

// Where a packet is looked at. rx: as it came. tx: as a port's queue took it. drop: when it was given up, as far as it had got.
// punt: as the node's kernel gets it.
enum class TapPoint : std::uint8_t { rx, tx, drop, punt, count_ };
inline constexpr std::size_t kTapPoints = static_cast<std::size_t>(TapPoint::count_);
inline constexpr std::array<std::string_view, kTapPoints> kTapPointNames{"rx", "tx", "drop", "punt"};

inline constexpr PortId kPortUnknown{0xff};  // of a packet that was given up far from the port that it came by

// A step of a packet filter, as libpcap's compiler makes them (McCanne and Jacobson, "The BSD Packet Filter", USENIX 1993).
struct FilterStep {
  std::uint16_t code = 0;
  std::uint8_t jump_true = 0, jump_false = 0;
  std::uint32_t k = 0;
};
using FilterProgram = std::vector<FilterStep>;  // empty: everything passes

struct CaptureWish {
  std::uint8_t points = 0;    // a bit each
  std::uint32_t ports = ~0U;  // a bit each; what comes from kPortUnknown is seen with all ports alone
  std::uint32_t snap_bytes = 65'535;
  FilterProgram filter;
  std::size_t ring_bytes = 0;  // of each worker; made a power of two
};

// In front of a captured packet's bytes.
struct CaptureHead {
  std::int64_t time_ns = 0;  // of the burst, on the workers' clock (common/base/clock.h)
  std::uint32_t frame_bytes = 0, kept_bytes = 0;
  PortId port{};
  TapPoint point{};
  DropReason reason = DropReason::count_;
  WorkerId worker{};
};

struct CaptureTotals {
  std::uint64_t seen = 0, lost = 0;  // seen: passed the filter. lost of these: found no room, or were too many for one loop
};

}  // namespace tandem
