// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/port_facts.h"

#include <algorithm>

namespace tandem {

namespace {

PortFact fact_of(const PortView& port) noexcept {
  PortFact fact{0, port.mtu_bytes, port.up ? port.mtu_bytes : std::uint16_t{0}, port.twin, port.up};
  std::memcpy(&fact.mac, port.mac.bytes.data(), port.mac.bytes.size());
  return fact;
}

}  // namespace

void PortFacts::refresh(const Generation& generation) noexcept {
  if (seen_ == &generation && number_ == generation.number) return;
  seen_ = &generation;
  number_ = generation.number;
  const std::size_t count = std::min(generation.ports->size(), kMaxPorts);
  for (std::size_t i = 0; i < count; ++i) facts_[i] = fact_of((*generation.ports)[i]);
}

}  // namespace tandem
