// SPDX-License-Identifier: Apache-2.0
#include "cli/render/numbers.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace tandem::cli {
namespace {

constexpr std::array<const char*, 6> kPrefixes{"", "k", "M", "G", "T", "P"};

struct Scaled {
  double value;
  std::size_t prefix;
};

// A value that would be printed as 1000 takes the next prefix.
Scaled scale(double value) {
  std::size_t prefix = 0;
  for (; value >= 999.5 && prefix + 1 < kPrefixes.size(); ++prefix) value /= 1000;
  return {value, prefix};
}

int decimals_for(const Scaled& scaled, int digits) {
  if (scaled.prefix == 0 && scaled.value == std::floor(scaled.value)) return 0;
  if (scaled.value < 9.95) return digits - 1;
  return scaled.value < 99.5 ? digits - 2 : 0;
}

std::string with_digits(double value, int digits) {
  const Scaled scaled = scale(value);
  const std::string number = fmt::format("{:.{}f}", scaled.value, decimals_for(scaled, digits));
  return scaled.prefix == 0 ? number : number + " " + kPrefixes[scaled.prefix];
}

}  // namespace

std::string compact(double value) { return with_digits(value, 2); }
std::string three_digits(double value) { return with_digits(value, 3); }

std::string bytes(double value) {
  const std::string number = with_digits(value, 2);
  return number.find(' ') == std::string::npos ? number + " B" : number + "B";
}

std::string grouped(std::uint64_t value) {
  std::string out = std::to_string(value);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, " ");
  return out;
}

std::string percent(double ratio) {
  const double value = std::round(ratio * 100);
  return value == 0 && ratio > 0 ? "<1 %" : fmt::format("{:.0f} %", value);
}

std::string raw(double value) { return fmt::format("{}", value); }

std::string counted(std::uint64_t count, const std::string& noun) { return grouped(count) + " " + noun + (count == 1 ? "" : "s"); }

}  // namespace tandem::cli
