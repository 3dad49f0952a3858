// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/punt.h"

#include <numeric>

namespace tandem {

namespace {

constexpr DropReason limited(PuntClass punt_class) {
  constexpr std::array kReasons{DropReason::punt_limited_control, DropReason::punt_limited_known, DropReason::punt_limited_rest};
  return kReasons[static_cast<std::size_t>(punt_class)];
}

}  // namespace

PuntRates::PuntRates(const std::array<std::uint32_t, kPuntClasses>& rates_pps, bool reserve) noexcept : reserve_{reserve} {
  if (!reserve) rates_[0].set(std::accumulate(rates_pps.begin(), rates_pps.end(), 0U));
  else
    for (std::size_t i = 0; i < kPuntClasses; ++i) rates_[i].set(rates_pps[i]);
}

PuntGate::PuntGate(PuntRates& rates, Bell& bell, WorkerCounters& counters, Taps& taps)
    : rates_{rates}, bell_{bell}, counters_{counters}, taps_{taps} {
  for (auto& ring : rings_) ring = std::make_unique<SpscRing<Crossing>>(kRing);
}

void PuntGate::punt(const Punt& punt, TwinKind twin, Instant now) noexcept {
  const auto number = static_cast<std::size_t>(punt.punt_class);
  switch (twin) {
    case TwinKind::none:
    case TwinKind::steered:  // what the program gave us is not the kernel's, and there is no way back
      return drop(punt, DropReason::no_twin);
    case TwinKind::copied:  // the kernel has its own copy
      taps_.punted(punt.port, punt.mbuf);
      rte_pktmbuf_free(punt.mbuf);
      return counters_.punted[number].add();
    case TwinKind::tap:
      break;
  }
  if (!rates_.take(punt.punt_class, now)) return drop(punt, limited(punt.punt_class));
  taps_.may_punt(punt.port, punt.mbuf);  // in the ring it is the control thread's
  const bool pushed = rings_[number]->push({punt.mbuf, punt.port, false});
  taps_.did(pushed);
  if (!pushed) return drop(punt, DropReason::punt_full);
  counters_.punted[number].add();
  bell_.ring();
}

void PuntGate::drop(const Punt& punt, DropReason reason) noexcept {
  taps_.dropped(punt.port, punt.mbuf, reason);
  rte_pktmbuf_free(punt.mbuf);
  counters_.dropped[static_cast<std::size_t>(reason)].add();
}

}  // namespace tandem
