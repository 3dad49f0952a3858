// SPDX-License-Identifier: Apache-2.0
// How much of its limits a service has used, over all workers: it lives as long as the service, so that neither a reload nor a
// changed limit forgets it. The limits themselves stand in ServiceView.
// Threads: take() by any worker; the counters of one are written by that worker alone and read by any.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "common/base/rate.h"
#include "dataplane/model/service.h"
#include "dataplane/stats/counters.h"

namespace tandem {

enum class LimitKind : std::uint8_t { connections, packets, source_connections, source_packets, count_ };
inline constexpr std::size_t kLimitKinds = static_cast<std::size_t>(LimitKind::count_);
inline constexpr std::array<std::string_view, kLimitKinds> kLimitKindNames{"connections", "packets", "source_connections",
                                                                           "source_packets"};

class ServiceMeter {
 public:
  bool take_connection(std::uint32_t limit_cps, Instant now) noexcept { return connections_.take(RateSteps{limit_cps}, 1, now); }

  // A worker takes packets by the portion, so that an atomic operation serves many: a thousandth of a second's worth, at most 32.
  bool take_packet(WorkerId worker, std::uint32_t limit_pps, Instant now) noexcept {
    Share& share = shares_[index(worker)];
    if (share.left == 0) {
      const std::uint32_t portion = std::clamp(limit_pps / 1000, 1U, 32U);
      if (!packets_.take(RateSteps{limit_pps}, portion, now)) return false;
      share.left = portion;
    }
    --share.left;
    return true;
  }

  void count_refused(WorkerId worker, LimitKind kind) noexcept { shares_[index(worker)].refused[static_cast<std::size_t>(kind)].add(); }
  std::uint64_t refused(LimitKind kind) const noexcept {
    std::uint64_t sum = 0;
    for (const Share& share : shares_) sum += share.refused[static_cast<std::size_t>(kind)].get();
    return sum;
  }

 private:
  struct alignas(kCacheLineBytes) Share {
    std::uint32_t left = 0;
    std::array<Counter, kLimitKinds> refused;
  };
  static constexpr std::size_t kShares = 64;  // generation.h's kMaxWorkers

  alignas(kCacheLineBytes) RateState connections_;
  alignas(kCacheLineBytes) RateState packets_;
  std::array<Share, kShares> shares_;
};

}  // namespace tandem
