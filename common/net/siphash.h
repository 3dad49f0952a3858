// SPDX-License-Identifier: Apache-2.0
// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), keyed and non-linear: whoever lacks the key
// cannot choose inputs that collide. Keys for each purpose are derived from one seed by hashing the purpose's name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tandem {

struct SipKey {
  std::uint64_t k0 = 0, k1 = 0;
};

// 32 bytes that both nodes of a pair share.
using HashSeed = std::array<std::uint8_t, 32>;

std::uint64_t siphash13(const SipKey& key, std::span<const std::uint8_t> bytes) noexcept;

SipKey derive_key(const HashSeed& seed, std::string_view purpose) noexcept;

namespace detail {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  constexpr void round() noexcept {
    v0 += v1, v2 += v3;
    v1 = (v1 << 13) | (v1 >> 51), v3 = (v3 << 16) | (v3 >> 48);
    v1 ^= v0, v3 ^= v2;
    v0 = (v0 << 32) | (v0 >> 32);
    v2 += v1, v0 += v3;
    v1 = (v1 << 17) | (v1 >> 47), v3 = (v3 << 21) | (v3 >> 43);
    v1 ^= v2, v3 ^= v0;
    v2 = (v2 << 32) | (v2 >> 32);
  }
};

constexpr SipState sip_start(const SipKey& key) noexcept {
  return {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
}

constexpr void sip_word(SipState& s, std::uint64_t word) noexcept {
  s.v3 ^= word;
  s.round();
  s.v0 ^= word;
}

constexpr std::uint64_t sip_finish(SipState& s) noexcept {
  s.v2 ^= 0xff;
  s.round(), s.round(), s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace detail

// Whole words, known count: inlined, no tail handling but the length byte. Equals siphash13 over the same bytes.
template <std::size_t N>
constexpr std::uint64_t siphash13_words(const SipKey& key, const std::array<std::uint64_t, N>& words) noexcept {
  detail::SipState state = detail::sip_start(key);
  for (std::uint64_t word : words) detail::sip_word(state, word);
  detail::sip_word(state, std::uint64_t{N * 8} << 56);
  return detail::sip_finish(state);
}

}  // namespace tandem
