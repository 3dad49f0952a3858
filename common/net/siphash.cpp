// SPDX-License-Identifier: Apache-2.0
#include "common/net/siphash.h"

#include <cstring>

namespace tandem {

std::uint64_t siphash13(const SipKey& key, std::span<const std::uint8_t> bytes) noexcept {
  detail::SipState state = detail::sip_start(key);
  const std::uint64_t length = bytes.size();
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    detail::sip_word(state, word);
  }
  std::uint64_t last = length << 56;
  if (!bytes.empty()) std::memcpy(&last, bytes.data(), bytes.size());
  detail::sip_word(state, last);
  return detail::sip_finish(state);
}

SipKey derive_key(const HashSeed& seed, std::string_view purpose) noexcept {
  SipKey low, high;
  std::memcpy(&low, seed.data(), sizeof low);
  std::memcpy(&high, seed.data() + sizeof low, sizeof high);
  const std::span name{reinterpret_cast<const std::uint8_t*>(purpose.data()), purpose.size()};
  return SipKey{siphash13(low, name), siphash13(high, name)};
}

}  // namespace tandem
