// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace tandem::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 5> kDurations{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kCounts{{{"G", 1'000'000'000}, {"M", 1'000'000}, {"k", 1000}, {"", 1}}};
constexpr std::uint64_t kGreatest = std::uint64_t{1} << 62;  // fits every type that a value may go to afterwards

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 64;
  std::string message{"'"};
  message.append(text.substr(0, kShown)).append(text.size() > kShown ? "…' " : "' ").append(why);
  return fail(std::move(message));
}

std::optional<std::uint64_t> parse_digits(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return {};
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

template <std::size_t N>
Result<std::uint64_t> parse_scaled(std::string_view text, const std::array<Unit, N>& units, std::string_view expected) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto value = parse_digits(text.substr(0, digits));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == text.substr(digits); });
  if (!value || unit == units.end()) return refuse(text, expected);
  if (*value > kGreatest / unit->factor) return refuse(text, "is too large");
  return *value * unit->factor;
}

template <std::size_t N>
std::string format_scaled(std::uint64_t value, const std::array<Unit, N>& units) {
  const auto fits = [value](const Unit& unit) { return value % unit.factor == 0 && value >= unit.factor; };
  const auto unit = std::find_if(units.begin(), units.end(), fits);
  const Unit& chosen = unit == units.end() ? units.back() : *unit;
  return std::to_string(value / chosen.factor).append(chosen.name);
}

bool is_status(std::string_view text) {
  const auto value = parse_digits(text);
  return value && *value >= 100 && *value <= 599;
}

bool is_status_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return is_status(text);
  const std::string_view first = text.substr(0, dash), last = text.substr(dash + 1);
  return is_status(first) && is_status(last) && first <= last;  // three digits each: text order is number order
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  if (parse_digits(text).value_or(0) > 0) return refuse(text, "has no unit; expected a duration as in 250ms, 10s, 5m, 2h");
  if (text == "0") return milliseconds{0};
  return parse_scaled(text, kDurations, "is not a duration; expected one as in 250ms, 10s, 5m, 2h").map([](std::uint64_t value) {
    return milliseconds{static_cast<std::int64_t>(value)};
  });
}

Result<unsigned> parse_percent(std::string_view text) {
  const bool has_sign = text.ends_with('%');
  const auto value = parse_digits(text.substr(0, text.size() - (has_sign ? 1 : 0)));
  if (!value || !has_sign) return refuse(text, "is not a percentage; expected one as in 50%");
  if (*value > 100) return refuse(text, "is more than 100%");
  return static_cast<unsigned>(*value);
}

Result<std::uint64_t> parse_count(std::string_view text) {
  return parse_scaled(text, kCounts, "is not a count; expected one as in 80, 64k, 2M");
}

Result<std::uint16_t> parse_port(std::string_view text) {
  const auto value = parse_digits(text);
  if (!value || *value == 0 || *value > 65535) return refuse(text, "is not a port; expected 1 to 65535");
  return static_cast<std::uint16_t>(*value);
}

Result<std::string> parse_name(std::string_view text) {
  constexpr std::size_t kLongest = 63;  // a DNS label's
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (text.empty() || text.size() > kLongest || text.front() == '-' || !std::all_of(text.begin(), text.end(), allowed)) {
    return refuse(text, "is not a name; expected 1 to 63 letters, digits, '-' or '_', not beginning with '-'");
  }
  return std::string{text};
}

Result<std::string> parse_status_list(std::string_view text) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    if (!is_status_range(text.substr(at, comma - at))) {
      return refuse(text, "is not a list of HTTP statuses; expected one as in 200, 200-299 or 200,204");
    }
    at = comma + 1;
  }
  return std::string{text};
}

std::string format_duration(milliseconds value) {
  return value.count() <= 0 ? "0s" : format_scaled(static_cast<std::uint64_t>(value.count()), kDurations);
}

std::string format_percent(unsigned value) { return std::to_string(value).append("%"); }

std::string format_count(std::uint64_t value) { return format_scaled(value, kCounts); }

}  // namespace tandem::config
