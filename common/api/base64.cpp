// SPDX-License-Identifier: Apache-2.0
#include "common/api/base64.h"

#include <array>
#include <cstdint>

namespace tandem::api {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> values() {
  std::array<std::uint8_t, 256> out{};
  for (std::uint8_t& value : out) value = kNoDigit;
  for (std::size_t i = 0; i < kDigits.size(); ++i) out[static_cast<std::uint8_t>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return out;
}
constexpr std::array<std::uint8_t, 256> kValues = values();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) { return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0; }

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  for (std::size_t at = 0, to = 0; at < bytes.size(); at += 3, to += 4) {
    const std::uint32_t three = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    const std::size_t digits = bytes.size() - at >= 3 ? 4 : bytes.size() - at + 1;
    for (std::size_t i = 0; i < digits; ++i) out[to + i] = kDigits[three >> (18 - 6 * i) & 63];
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t digits = at + 4 == text.size() ? 4 - padding : 4;
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const std::uint8_t value = kValues[static_cast<std::uint8_t>(text[at + i])];
      if (value == kNoDigit) return std::nullopt;
      three |= std::uint32_t{value} << (18 - 6 * i);
    }
    for (std::size_t i = 0; i + 1 < digits; ++i) out += static_cast<char>(three >> (16 - 8 * i) & 0xff);
  }
  return out;
}

}  // namespace tandem::api
