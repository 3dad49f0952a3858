// SPDX-License-Identifier: Apache-2.0
// This node's part in each group, as the workers obey it from their next loop on. Apart from generations, because a failover
// must not wait for one to be built. Threads: set by the pair's thread, read by every worker once per loop.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "dataplane/model/group.h"
#include "dataplane/model/pool.h"

namespace tandem {

// One bit a group; the bit of kNoGroup stands for VIPs of no group, which are always ours.
struct Roles {
  static constexpr std::uint32_t kUngrouped = 1U << kMaxGroups;

  std::uint32_t active = kUngrouped;    // we answer ARP and ND for its VIPs, and open its connections
  std::uint32_t receives = kUngrouped;  // frames to its virtual MACs are taken: active, yielding, or within 1 s after
  std::uint32_t on_peer = 0;  // active on the other node, which lives, or was a second ago: what has no entry here is handed to it
  std::uint16_t turn = 0;     // how often they changed, as the board counts it: who stood still sees that it missed some

  bool is_active(GroupId group) const noexcept { return (active >> index(group) & 1) != 0; }
  bool takes_frames_of(GroupId group) const noexcept { return (receives >> index(group) & 1) != 0; }
  bool is_on_peer(GroupId group) const noexcept { return (on_peer >> index(group) & 1) != 0; }
  friend bool operator==(const Roles&, const Roles&) = default;
};

class RoleBoard {
 public:
  void set(Roles roles) noexcept {
    roles.turn = get().turn;
    if (roles == get()) return;
    const auto turn = static_cast<std::uint64_t>(roles.turn + 1);
    word_.store(std::uint64_t{roles.active} | std::uint64_t{roles.receives} << kBits | std::uint64_t{roles.on_peer} << 2 * kBits |
                    turn << 3 * kBits,
                std::memory_order_release);
  }
  Roles get() const noexcept {
    const std::uint64_t word = word_.load(std::memory_order_acquire);
    const auto part = [word](unsigned place) { return static_cast<std::uint32_t>(word >> place * kBits & kMask); };
    return {part(0), part(1), part(2), static_cast<std::uint16_t>(word >> 3 * kBits)};
  }

  // A group's term (ha.md, order), set before the role that it belongs to. Read when a connection is made, so not with the roles.
  void set_term(GroupId group, std::uint16_t term) noexcept { terms_[index(group)].store(term, std::memory_order_release); }
  std::uint16_t term(GroupId group) const noexcept { return terms_[index(group)].load(std::memory_order_acquire); }

  void set_port_halves(PortHalves halves) noexcept { halves_.store(halves, std::memory_order_release); }
  PortHalves port_halves() const noexcept { return halves_.load(std::memory_order_acquire); }

 private:
  static constexpr unsigned kBits = kMaxGroups + 1, kTurnBits = 13;  // a turn past the last bit is 0 again
  static constexpr std::uint64_t kMask = (std::uint64_t{1} << kBits) - 1;
  static_assert(3 * kBits + kTurnBits == 64, "all parts change at once");

  std::atomic<std::uint64_t> word_{std::uint64_t{Roles::kUngrouped} | std::uint64_t{Roles::kUngrouped} << kBits};
  std::array<std::atomic<std::uint16_t>, kMaxGroups> terms_{};
  std::atomic<PortHalves> halves_{PortHalves{}};
  static_assert(std::atomic<PortHalves>::is_always_lock_free);
};

}  // namespace tandem
