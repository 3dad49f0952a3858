// SPDX-License-Identifier: Apache-2.0
// Time for people and for files that outlive the process; decisions of the moment use common/base/clock.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::config {

using WallTime = std::chrono::sys_seconds;

std::string format_time(WallTime time);                     // RFC 3339, UTC: "2026-01-31T14:02:11Z"
std::optional<WallTime> parse_time(std::string_view text);  // that form alone
inline WallTime wall_now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace tandem::config
