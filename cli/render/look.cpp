// SPDX-License-Identifier: Apache-2.0
#include "cli/render/look.h"

#include <algorithm>
#include <array>

namespace tandem::cli {
namespace {

constexpr std::array<std::string_view, 6> kEscapes{"", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[2m", "\x1b[1m"};

constexpr std::array<std::string_view, 3> kGood{"up", "ok", "info"};
constexpr std::array<std::string_view, 5> kWarn{"draining", "disabled", "degraded", "warning", "unknown"};
constexpr std::array<std::string_view, 2> kBad{"down", "critical"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string paint(std::string_view text, Tone tone, const Look& look) {
  if (!look.colour || tone == Tone::plain || text.empty()) return std::string{text};
  return std::string{kEscapes[static_cast<std::size_t>(tone)]}.append(text).append("\x1b[0m");
}

Tone tone_of(std::string_view state) {
  if (holds(kGood, state)) return Tone::good;
  if (holds(kWarn, state)) return Tone::warn;
  if (holds(kBad, state)) return Tone::bad;
  return state == "gone" ? Tone::faint : Tone::plain;
}

}  // namespace tandem::cli
