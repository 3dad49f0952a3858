// SPDX-License-Identifier: Apache-2.0
// Moments: RFC 3339 in UTC on the wire and in JSON, local with its offset for people.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::cli {

using Moment = std::chrono::system_clock::time_point;

std::string rfc3339(Moment moment);                          // "2026-01-31T14:02:11Z"
std::optional<Moment> parse_moment(std::string_view text);   // the same, a fraction of a second allowed
std::string local_time(std::string_view text);               // "2026-01-31 15:02:11 +01:00"; unreadable text stays as it is
std::string local_clock(std::string_view text, Moment now);  // "15:02" when it is today's, else "2026-01-31 15:02"

}  // namespace tandem::cli
