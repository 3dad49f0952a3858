// SPDX-License-Identifier: Apache-2.0
// Who serves a group by RFC 9568 alone: `mode = "vrrp"`, and a pair whose keys do not agree. One state for all LANs and families
// of the group: it is taken when every LAN whose link is up has been silent, given up when a higher claim is heard on any. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/net/address.h"
#include "controlplane/ha/decision.h"

namespace tandem::ha {

class Election {
 public:
  struct Heard {
    std::size_t lan = 0;  // of the group
    std::uint8_t priority = 0;
    std::chrono::milliseconds interval{};
    IpAddress from;
  };
  struct Own {
    std::uint8_t priority = 0;
    std::chrono::milliseconds interval{};
    bool preempt = true;
    std::vector<bool> link_up;         // by LAN of the group
    std::vector<IpAddress> addresses;  // ours, of both families: the larger wins among equals
  };

  // From here on silence counts (RFC 9568 6.4.1).
  void begin(std::size_t lans, Instant now);
  void restart(Instant now);
  void heard(const Heard& advert, const Own& own, Instant now);
  Decision decide(Role role, const Own& own, Instant now);

  bool hears_other(Instant now) const;

 private:
  struct Lan {
    Instant heard;
    Nanoseconds patience{0};  // none: nobody was ever heard here; our own interval's then
    bool higher_claim = false;
    std::optional<Instant> claimed_until;  // whoever it was, and whether we obey or not
  };
  static Nanoseconds master_down(const Own& own, std::chrono::milliseconds interval);

  std::vector<Lan> lans_;
};

}  // namespace tandem::ha
