// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "dataplane/io/device.h"

namespace tandem {

// How many queues the device allows, as far as can be said before it is opened; none: it must be asked (PCI, raw vdev).
std::optional<unsigned> queues_allowed(const Device& device);

}  // namespace tandem
