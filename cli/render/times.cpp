// SPDX-License-Identifier: Apache-2.0
#include "cli/render/times.h"

#include <cstdio>
#include <ctime>

namespace tandem::cli {
namespace {

std::tm local(Moment moment) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

std::string formatted(const std::tm& parts, const char* format) {
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

bool same_day(const std::tm& a, const std::tm& b) { return a.tm_year == b.tm_year && a.tm_yday == b.tm_yday; }

}  // namespace

std::string rfc3339(Moment moment) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return formatted(parts, "%Y-%m-%dT%H:%M:%SZ");
}

std::optional<Moment> parse_moment(std::string_view text) {
  std::tm parts{};
  const std::string copy{text};
  const char* end = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr) return std::nullopt;
  if (*end == '.') end += std::string_view{end}.find_first_not_of("0123456789", 1);
  if (std::string_view{end} != "Z") return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string local_time(std::string_view text) {
  const std::optional<Moment> moment = parse_moment(text);
  if (!moment) return std::string{text};
  return formatted(local(*moment), "%Y-%m-%d %H:%M:%S %z").insert(23, ":");  // RFC 3339 writes +01:00, strftime +0100
}

std::string local_clock(std::string_view text, Moment now) {
  const std::optional<Moment> moment = parse_moment(text);
  if (!moment) return std::string{text};
  const std::tm parts = local(*moment);
  return formatted(parts, same_day(parts, local(now)) ? "%H:%M" : "%Y-%m-%d %H:%M");
}

}  // namespace tandem::cli
