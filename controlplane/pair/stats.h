// SPDX-License-Identifier: Apache-2.0
// What the pair counts. Threads: the pair's own.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/base/clock.h"

namespace tandem::pair {

inline constexpr std::array<double, 9> kGapBucketsSeconds{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6};

// Hellos on one path.
struct PathStats {
  std::uint64_t sent = 0, not_sent = 0, received = 0;
  std::map<std::string, std::uint64_t> rejected;  // by reason
  std::array<std::uint64_t, kGapBucketsSeconds.size() + 1> gaps{};
  double gap_sum_seconds = 0;
  std::optional<Instant> last;

  void heard(Instant now) {
    ++received;
    if (last) {
      const double gap = std::chrono::duration<double>(now - *last).count();
      const auto* bucket = std::lower_bound(kGapBucketsSeconds.begin(), kGapBucketsSeconds.end(), gap);
      ++gaps[static_cast<std::size_t>(bucket - kGapBucketsSeconds.begin())];
      gap_sum_seconds += gap;
    }
    last = now;
  }
};

struct GroupStats {
  std::map<std::pair<std::string, std::string>, std::uint64_t> transitions;  // (to, cause)
  std::uint64_t announced_arp = 0, announced_na = 0, adverts_sent = 0, adverts_received = 0, strangers = 0;
  double last_transition_wall_seconds = 0, last_takeover_seconds = 0;
};

// The worst of the last hour, by minutes.
class WorstOfHour {
 public:
  void note(Nanoseconds value, Instant now) {
    const auto minute = now.since_start / std::chrono::minutes{1};
    Slot& slot = slots_[static_cast<std::size_t>(minute % 60)];
    if (slot.minute != minute) slot = {minute, Nanoseconds{0}};
    slot.worst = std::max(slot.worst, value);
  }
  Nanoseconds worst(Instant now) const {
    const auto minute = now.since_start / std::chrono::minutes{1};
    Nanoseconds out{0};
    for (const Slot& slot : slots_)
      if (minute - slot.minute < 60) out = std::max(out, slot.worst);
    return out;
  }

 private:
  struct Slot {
    std::int64_t minute = -1000;
    Nanoseconds worst{0};
  };
  std::array<Slot, 60> slots_;
};

}  // namespace tandem::pair
