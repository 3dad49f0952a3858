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

PuntGate::PuntGate(PuntRates& rates, Bell& bell, WorkerCounters& counters) : rates_{rates}, bell_{bell}, counters_{counters} {
  for (auto& ring : rings_) ring = std::make_unique<SpscRing<Crossing>>(kRing);
}

void PuntGate::punt(const Punt& punt, TwinKind twin, Instant now) noexcept {
  const auto number = static_cast<std::size_t>(punt.punt_class);
  switch (twin) {
    case TwinKind::none:
    case TwinKind::steered:  // what the program gave us is not the kernel's, and there is no way back
      return drop(punt.mbuf, DropReason::no_twin);
    case TwinKind::copied:  // the kernel has its own copy
      rte_pktmbuf_free(punt.mbuf);
      return counters_.punted[number].add();
    case TwinKind::tap:
      break;
  }
  if (!rates_.take(punt.punt_class, now)) return drop(punt.mbuf, limited(punt.punt_class));
  if (!rings_[number]->push({punt.mbuf, punt.port, false})) return drop(punt.mbuf, DropReason::punt_full);
  counters_.punted[number].add();
  bell_.ring();
}

void PuntGate::drop(rte_mbuf* mbuf, DropReason reason) noexcept {
  rte_pktmbuf_free(mbuf);
  counters_.dropped[static_cast<std::size_t>(reason)].add();
}

}  // namespace tandem
