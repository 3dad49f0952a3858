// SPDX-License-Identifier: Apache-2.0
// The MAC of a virtual router (RFC 9568 7.3): one block for IPv4, one for IPv6, and the router's id. Pure.
#pragma once

#include <cstdint>

#include "common/net/address.h"

namespace tandem::config {

constexpr MacAddress virtual_mac(Family family, std::uint8_t vrid) {
  return {{0x00, 0x00, 0x5e, 0x00, static_cast<std::uint8_t>(family == Family::ipv4 ? 1 : 2), vrid}};
}

}  // namespace tandem::config
