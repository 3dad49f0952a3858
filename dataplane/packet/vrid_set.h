// SPDX-License-Identifier: Apache-2.0
// Virtual MACs as the fast path asks for them: 00:00:5e:00:01 and the VRID for IPv4, 00:00:5e:00:02 and the VRID for IPv6 (RFC
// 9568 7.3). Five bytes are the same for all, so one comparison and one look-up tell whether a port takes a frame. A byte for each
// VRID, not a bit: that saves the shifts, and of the table only the lines of VRIDs in use are ever touched.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/cache_line.h"

namespace tandem {

// The fixed bytes, as loaded from the wire. Whoever sends from a MAC of the whole block is looked at closely.
inline constexpr std::uint64_t kVirtualMacIpv4 = 0x01'005e'0000, kVirtualMacIpv6 = 0x02'005e'0000, kVirtualMacMask = 0xff'ffff'ffff;
inline constexpr std::uint32_t kVirtualMacBlock = 0x005e'0000;
constexpr std::uint8_t vrid_of(std::uint64_t mac) noexcept { return static_cast<std::uint8_t>(mac >> 40); }

class VridSet {
 public:
  void add(std::uint8_t vrid) noexcept { held_[vrid] = 1; }
  bool holds(std::uint8_t vrid) const noexcept { return held_[vrid] != 0; }

 private:
  std::array<std::uint8_t, 256> held_{};
};

// Those of one port whose untagged frames are taken now.
struct alignas(kCacheLineBytes) TakenVrids {
  VridSet ipv4, ipv6;
};
}  // namespace tandem
