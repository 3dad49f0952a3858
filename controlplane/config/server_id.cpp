// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "controlplane/config/units.h"

namespace tandem::config {

Result<ServerId> parse_server_id(std::string_view text) {
  ServerId id;
  for (std::size_t at = 0; at + 2 <= text.size(); at += 2) {
    std::uint8_t byte = 0;
    const char* const end = text.data() + at + 2;
    if (std::from_chars(text.data() + at, end, byte, 16).ptr != end) break;
    id.bytes.push_back(byte);
  }
  if (id.bytes.size() * 2 == text.size() && !text.empty() && id.bytes.size() <= kQuicServerIdMost) return id;
  return fail("'" + std::string{text.substr(0, 64)} + "' is not a server id; expected 1 to 15 bytes, two hexadecimal digits each");
}

std::string to_string(const ServerId& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : id.bytes) (text += kDigits[byte >> 4]) += kDigits[byte & 15];
  return text;
}

}  // namespace tandem::config
