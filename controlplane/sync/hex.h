// SPDX-License-Identifier: Apache-2.0
// Hex digits as the key file and the log write them: lower case, most significant first.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tandem::sync {

// Exactly as many digits as fill the bytes; upper case is read too.
bool read_hex(std::string_view digits, std::span<std::uint8_t> into);
void append_hex(std::string& to, std::span<const std::uint8_t> bytes);

template <typename Number>
bool read_hex_number(std::string_view digits, Number& into) {
  std::uint8_t bytes[sizeof(Number)];
  if (!read_hex(digits, bytes)) return false;
  into = 0;
  for (const std::uint8_t byte : bytes) into = static_cast<Number>(into << 8 | byte);
  return true;
}

template <typename Number>
std::string hex_of(Number value) {
  std::uint8_t bytes[sizeof(Number)];
  for (std::size_t i = sizeof(Number); i-- > 0; value = static_cast<Number>(value >> 8)) bytes[i] = static_cast<std::uint8_t>(value);
  std::string text;
  append_hex(text, bytes);
  return text;
}

}  // namespace tandem::sync
