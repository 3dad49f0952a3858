// SPDX-License-Identifier: Apache-2.0
// After SIGKILL our XDP program stays on its interface, and the driver's next set-up fails with "already attached".
// Whoever's other program is there is left alone: the operator is told instead.
#pragma once

#include <string_view>

#include "common/base/result.h"

namespace tandem {

inline constexpr std::string_view kSteeringProgramName = "steer";

// True when something of ours was detached. An error when somebody else's program is there, or one whose name we may not ask.
Result<bool> detach_leftover(unsigned interface_number);

}  // namespace tandem
