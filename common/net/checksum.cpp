// SPDX-License-Identifier: Apache-2.0
#include "common/net/checksum.h"

namespace tandem {

Sum sum_bytes(const void* bytes, std::size_t length) noexcept {
  const auto* at = static_cast<const std::uint8_t*>(bytes);
  Sum sum = 0;
  for (; length >= 4; at += 4, length -= 4) {
    std::uint32_t word;
    std::memcpy(&word, at, 4);
    sum += word;
  }
  if (length == 0) return sum;  // of nothing there may be no address either
  std::uint32_t rest = 0;       // an odd byte counts as the first of its word, the second zero
  std::memcpy(&rest, at, length);
  return sum + rest;
}

Sum pseudo_header_sum(const IpAddress& source, const IpAddress& target, std::uint8_t protocol, std::uint32_t length_bytes) noexcept {
  return sum_address(source) + sum_address(target) + Be16{protocol}.wire + Be32{length_bytes}.wire;
}

}  // namespace tandem
