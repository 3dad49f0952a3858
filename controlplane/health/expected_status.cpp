// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/expected_status.h"

#include <algorithm>
#include <charconv>

namespace tandem::health {
namespace {

constexpr long kLowest = 100, kHighest = 599;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<long> status_of(std::string_view text) {
  text = trimmed(text);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < kLowest || value > kHighest) return std::nullopt;
  return value;
}

std::optional<std::pair<long, long>> range_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<long> low = status_of(text.substr(0, dash));
  const std::optional<long> high = dash == std::string_view::npos ? low : status_of(text.substr(dash + 1));
  if (!low || !high || *low > *high) return std::nullopt;
  return std::pair{*low, *high};
}

}  // namespace

std::optional<ExpectedStatus> ExpectedStatus::parse(std::string_view text) {
  ExpectedStatus out;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::optional<std::pair<long, long>> range = range_of(text.substr(0, comma));
    if (!range) return std::nullopt;
    out.ranges_.push_back(*range);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

bool ExpectedStatus::matches(long status) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [status](const auto& range) { return range.first <= status && status <= range.second; });
}

}  // namespace tandem::health
