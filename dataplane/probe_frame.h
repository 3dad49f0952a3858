// SPDX-License-Identifier: Apache-2.0
// What `port verify` sends: UDP to port 9 (discard, RFC 863) with a mark behind it. One hop to live, so no router carries it on.
// Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "common/net/address.h"
#include "dataplane/worker/probe_trap.h"

namespace tandem {

struct ProbePlan {
  MacAddress target_mac, source_mac;
  std::uint16_t vlan = 0;
  IpAddress source, target;  // of one family
  std::uint16_t source_port = 0;
  std::uint32_t ip_bytes = 0;  // at least what headers and mark take
  bool bad_checksum = false;   // of the IPv4 header
  ProbeMark mark;
};

std::vector<std::uint8_t> probe_frame(const ProbePlan& plan);

inline constexpr std::uint16_t kDiscardPort = 9;

// Sources from the prefixes for benchmarks (RFC 2544, RFC 5180); targets for when there is no VIP, from those for documentation.
IpAddress probe_source(Family family, std::uint32_t flow);
IpAddress probe_target(Family family);

}  // namespace tandem
