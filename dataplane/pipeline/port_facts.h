// SPDX-License-Identifier: Apache-2.0
// What the passes ask of ports for every packet, drawn from a generation once: a cache line for four ports.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/model/generation.h"

namespace tandem {

struct PortFact {
  std::uint64_t mac = 0;  // the node MAC in its low 48 bits, as loaded from the wire
  std::uint16_t mtu_bytes = 0;
  std::uint16_t room_bytes = 0;  // the longest IP packet that may leave: the MTU, or nothing without a link
  TwinKind twin = TwinKind::none;
  bool up = false;
};

class PortFacts {
 public:
  // Draws them anew when the generation is another one. Bounded by kMaxPorts.
  void refresh(const Generation& generation) noexcept;
  const PortFact& operator[](PortId port) const noexcept { return facts_[index(port)]; }

 private:
  std::uint64_t number_ = ~std::uint64_t{0};
  const Generation* seen_ = nullptr;
  std::array<PortFact, kMaxPorts> facts_{};
};

}  // namespace tandem
