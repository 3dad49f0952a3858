// SPDX-License-Identifier: Apache-2.0
// How long connections that we hold for the peer live. While their owner lives they never age here: it alone sees their packets.
// When a group comes to us, or its owner is lost, each of its connections has its full idle time anew, for the same reason.
// Nothing walks a table for that: an entry that comes due asks here. Threads: one worker's own.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/conn/expiry.h"
#include "dataplane/model/roles.h"

namespace tandem {

class Tenure {
 public:
  void note(const Roles& roles, Tick tick) noexcept {  // once per loop
    if (roles == roles_) return;
    const bool missed = roles.turn != static_cast<std::uint16_t>(roles_.turn + 1);  // we stood still: it may have come, gone and come again
    for (std::uint32_t turned = missed ? kAll : (roles.active & ~roles_.active) | (roles_.on_peer & ~roles.on_peer); turned != 0;
         turned &= turned - 1)
      since_[static_cast<std::size_t>(__builtin_ctz(turned))] = tick;
    roles_ = roles;
  }

  // Ticks that an entry lives on though it was idle for its whole time; 0: it ends now.
  std::uint16_t reprieve(GroupId group, std::uint16_t idle_timeout, Tick tick) const noexcept {
    if (group == kNoGroup) return 0;
    if (roles_.is_on_peer(group)) return idle_timeout;
    const Tick held = tick - since_[index(group)];
    return held < idle_timeout ? static_cast<std::uint16_t>(idle_timeout - held) : std::uint16_t{0};
  }

 private:
  static constexpr std::uint32_t kAll = (1U << (kMaxGroups + 1)) - 1;

  Roles roles_;
  std::array<Tick, kMaxGroups + 1> since_{};
};

}  // namespace tandem
