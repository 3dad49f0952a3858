// SPDX-License-Identifier: Apache-2.0
// An overlay's entry as JSON: the same in the state file and between the nodes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "controlplane/config/overlay.h"

namespace tandem::config {

nlohmann::json to_json(const OverlayEntry& entry);
// Throws nlohmann's exceptions for what is missing or of another type.
OverlayEntry entry_from_json(const nlohmann::json& in);

}  // namespace tandem::config
