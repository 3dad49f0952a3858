// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/announced.h"

namespace tandem::config {

std::vector<IpAddress> announced_addresses(const Prefix& prefix) {
  const unsigned host_bits = prefix.address.bits() - prefix.length;
  const unsigned count = host_bits > kMostAnnouncedBits ? 1 : 1U << host_bits;
  std::vector<IpAddress> out(count, prefix.address);
  for (unsigned i = 0; i < count; ++i)
    out[i].bytes[15] = static_cast<std::uint8_t>(out[i].bytes[15] | i);  // network bits above, host bits clear
  return out;
}

}  // namespace tandem::config
