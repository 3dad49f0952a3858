// SPDX-License-Identifier: Apache-2.0
// What the passes ask of ports for every packet, drawn from a generation and this node's roles once: a cache line for four ports, and
// a line for each virtual MAC that is met.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/model/generation.h"
#include "dataplane/model/roles.h"
#include "dataplane/packet/vrid_set.h"

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
  // Draws them anew when the generation or the roles are others. Bounded by kMaxPorts and their virtual MACs.
  void refresh(const Generation& generation, const Roles& roles) noexcept {
    if (seen_ != &generation || number_ != generation.number || roles_ != roles) [[unlikely]]
      draw(generation, roles);
  }
  const PortFact& operator[](PortId port) const noexcept { return facts_[index(port)]; }
  const TakenVrids& taken(PortId port) const noexcept { return taken_[index(port)]; }

 private:
  void draw(const Generation& generation, const Roles& roles) noexcept;

  std::uint64_t number_ = ~std::uint64_t{0};
  const Generation* seen_ = nullptr;
  Roles roles_;
  std::array<PortFact, kMaxPorts> facts_{};
  std::array<TakenVrids, kMaxPorts> taken_{};
};

}  // namespace tandem
