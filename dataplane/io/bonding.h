// SPDX-License-Identifier: Apache-2.0
// "bonding:MODE,MEMBER,MEMBER…": several devices as one port, by DPDK's net_bonding (IEEE 802.1AX for lacp). Pure functions.
// Members are PCI addresses, or tap:NAME and null for trials. Kernel interfaces are not among them: bonding gives its members one
// MAC, which on af_packet would change the interface's own for good, and which af_xdp refuses. Bond those in the kernel instead.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "dataplane/io/device.h"

namespace tandem {

Result<Device> parse_bonding(std::string_view rest, std::string_view text);

// As net_bonding wants it, members in `names` by the names their devices have got.
std::string bonding_arguments(const Device& bond, const std::vector<std::string>& names);

// LACP's own frames leave when its transmit function is called, so it must be called also when there is nothing to send.
bool speaks_when_idle(const Device& device);

}  // namespace tandem
