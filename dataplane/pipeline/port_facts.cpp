// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/port_facts.h"

#include <algorithm>

namespace tandem {

namespace {

std::uint64_t word_of(const MacAddress& mac) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, mac.bytes.data(), mac.bytes.size());
  return word;
}

PortFact fact_of(const PortView& port) noexcept {
  return {word_of(port.mac), port.mtu_bytes, port.up ? port.mtu_bytes : std::uint16_t{0}, port.twin, port.up};
}

// Tagged frames are never plain, so odd.cpp finds their virtual MACs.
TakenVrids taken_of(const PortView& port, const Roles& roles) noexcept {
  TakenVrids taken;
  for (const VirtualMac& each : port.virtual_macs) {
    if (each.vlan != 0 || !roles.takes_frames_of(each.group)) continue;
    const std::uint64_t word = word_of(each.mac), block = word & kVirtualMacMask;
    if (block == kVirtualMacIpv4) taken.ipv4.add(vrid_of(word));
    if (block == kVirtualMacIpv6) taken.ipv6.add(vrid_of(word));
  }
  return taken;
}

}  // namespace

void PortFacts::draw(const Generation& generation, const Roles& roles) noexcept {
  seen_ = &generation;
  number_ = generation.number;
  roles_ = roles;
  const std::size_t count = std::min(generation.ports->size(), kMaxPorts);
  for (std::size_t i = 0; i < count; ++i) {
    const PortView& port = (*generation.ports)[i];
    facts_[i] = fact_of(port);
    taken_[i] = taken_of(port, roles);
  }
}

}  // namespace tandem
