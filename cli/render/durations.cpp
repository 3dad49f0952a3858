// SPDX-License-Identifier: Apache-2.0
#include "cli/render/durations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace tandem::cli {
namespace {

struct Unit {
  std::uint64_t seconds;
  const char* name;
};
constexpr std::array kUnits{Unit{86'400, "d"}, Unit{3'600, "h"}, Unit{60, "min"}, Unit{1, "s"}};

std::uint64_t whole(double seconds) { return static_cast<std::uint64_t>(std::llround(std::clamp(seconds, 0.0, 1e12))); }

std::string with_one_decimal(double value, const char* unit) { return fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, unit); }

}  // namespace

std::string coarse(double seconds) {
  const std::uint64_t all = whole(seconds);
  if (all < 100) return fmt::format("{} s", all);
  if (all < 100 * 60) return fmt::format("{} min", (all + 30) / 60);
  if (all < 48 * 3600) return fmt::format("{} h", (all + 1800) / 3600);
  return fmt::format("{} d", all / 86'400);
}

std::string two_units(double seconds) {
  const std::uint64_t all = whole(seconds);
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    if (all < kUnits[i].seconds) continue;
    const std::uint64_t rest = all % kUnits[i].seconds / kUnits[i + 1].seconds;
    const std::string first = fmt::format("{} {}", all / kUnits[i].seconds, kUnits[i].name);
    return rest == 0 ? first : fmt::format("{} {} {}", first, rest, kUnits[i + 1].name);
  }
  return fmt::format("{} s", all);
}

std::string brief(double seconds) {
  const std::uint64_t all = whole(seconds);
  if (all < 60) return fmt::format("{}s", all);
  if (all < 3600) return fmt::format("{}m{:02}s", all / 60, all % 60);
  if (all < 86'400) return fmt::format("{}h{:02}m", all / 3600, all % 3600 / 60);
  return fmt::format("{}d {}h", all / 86'400, all % 86'400 / 3600);
}

std::string precise(double seconds) {
  if (seconds >= 1) return with_one_decimal(seconds, "s");
  if (seconds >= 1e-4) return with_one_decimal(seconds * 1e3, "ms");
  return fmt::format("{:.0f} µs", seconds * 1e6);
}

}  // namespace tandem::cli
