// SPDX-License-Identifier: Apache-2.0
// How a configuration names a LAN, and on one the other node and the node itself: read and shown again.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "controlplane/config/config.h"

namespace tandem::config {

Result<LanName> parse_lan(std::string_view text);       // "outside", "inside.20": a port, or a port and a VLAN tag
Result<PeerAddress> parse_peer(std::string_view text);  // "203.0.113.3", "203.0.113.3@10" on VLAN 10
Result<OwnAddress> parse_own(std::string_view text);    // "10.0.0.1/24", "10.0.10.1/24@10"

inline std::string to_string(const LanName& lan) {
  return lan.vlan == 0 ? lan.port : std::string{lan.port}.append(".").append(std::to_string(lan.vlan));
}
std::string to_string(const PeerAddress& peer);
std::string to_string(const OwnAddress& own);

}  // namespace tandem::config
