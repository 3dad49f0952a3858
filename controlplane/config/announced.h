// SPDX-License-Identifier: Apache-2.0
// Which addresses of a prefix are announced unasked, and named in VRRP's advertisements. A block that an operator would otherwise have
// written out is announced whole: where the node's own MAC answers, each is an entry in a router's cache of its own. Of a larger one the
// first address stands for all: one frame teaches the switches the MAC, an advertisement holds at most 255 addresses, and such a
// prefix is routed to a gateway address, not asked for by ARP. Every address answers when it is asked for.
#pragma once

#include <cstdint>
#include <vector>

#include "common/net/address.h"

namespace tandem::config {

inline constexpr std::uint8_t kMostAnnouncedBits = 6;  // 64 addresses: a /26, a /122

std::vector<IpAddress> announced_addresses(const Prefix& prefix);

}  // namespace tandem::config
