// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/wall_time.h"

#include <array>
#include <charconv>
#include <ctime>

namespace tandem::config {
namespace {

constexpr const char* kForm = "%Y-%m-%dT%H:%M:%SZ";

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  const char* const begin = text.data() + at;
  const auto [end, problem] = std::from_chars(begin, begin + count, value);
  return problem == std::errc{} && end == begin + count && *begin != '-' ? std::optional{value} : std::nullopt;
}

}  // namespace

std::string format_time(WallTime time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), kForm, &parts)};
}

std::optional<WallTime> parse_time(std::string_view text) {
  if (text.size() != 20) return {};
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return {};
  std::tm parts{};
  parts.tm_year = *year - 1900, parts.tm_mon = *month - 1, parts.tm_mday = *day;
  parts.tm_hour = *hour, parts.tm_min = *minute, parts.tm_sec = *second;
  const WallTime time{std::chrono::seconds{::timegm(&parts)}};
  // Written again it must be the same: that refuses the 31st of June and wrong separators alike.
  return format_time(time) == text ? std::optional{time} : std::nullopt;
}

}  // namespace tandem::config
