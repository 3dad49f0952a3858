// SPDX-License-Identifier: Apache-2.0
// What a `device =` string says, judged by its form alone: whether the device exists is seen when its port is opened.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tandem::config {

enum class DeviceKind : std::uint8_t { pci, af_packet, af_xdp, tap, memif, virtio_user, vhost, bonding, pcap, null, vdev };

struct DeviceForm {
  DeviceKind kind{};
  std::string argument;   // what stands behind the colon
  std::string interface;  // the kernel interface that af_packet and af_xdp use
};

Result<DeviceForm> parse_device_form(std::string_view text);
Result<std::string> parse_device_text(std::string_view text);  // the text itself, once its form is right

// Ports of these kinds have a kernel device beside them that owns addresses, routes and neighbours (design.md, kernel twin).
bool has_kernel_twin(DeviceKind kind);

}  // namespace tandem::config
