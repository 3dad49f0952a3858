// SPDX-License-Identifier: Apache-2.0
// SipHash-1-3 of four messages side by side, one per 64-bit lane of an AVX2 register. GCC's vector types keep it readable and let
// a build without AVX2 split it into two halves. Equal to siphash13_words, lane by lane.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "common/net/siphash.h"

namespace tandem {

inline constexpr std::size_t kSipLanes = 4;
using SipWords = std::array<std::uint64_t, kSipLanes>;

namespace detail {

using Lanes = std::uint64_t __attribute__((vector_size(8 * kSipLanes)));

struct SipLanesState {
  Lanes v0, v1, v2, v3;

  template <int kBits>
  static Lanes rotate(Lanes v) noexcept {
    return (v << kBits) | (v >> (64 - kBits));
  }

  void round() noexcept {
    v0 += v1, v2 += v3;
    v1 = rotate<13>(v1) ^ v0, v3 = rotate<16>(v3) ^ v2;
    v0 = rotate<32>(v0);
    v2 += v1, v0 += v3;
    v1 = rotate<17>(v1) ^ v2, v3 = rotate<21>(v3) ^ v0;
    v2 = rotate<32>(v2);
  }
  void word(Lanes w) noexcept {
    v3 ^= w;
    round();
    v0 ^= w;
  }
};

}  // namespace detail

template <std::size_t N>
void sip_lanes(const SipKey& key, const std::array<SipWords, N>& words, std::uint64_t* out) noexcept {
  const detail::SipState one = detail::sip_start(key);
  const detail::Lanes zero{};
  detail::SipLanesState state{zero + one.v0, zero + one.v1, zero + one.v2, zero + one.v3};
  for (const SipWords& at : words) {
    detail::Lanes w;
    std::memcpy(&w, at.data(), sizeof w);
    state.word(w);
  }
  state.word(zero + (std::uint64_t{N * 8} << 56));
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  const detail::Lanes sum = state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
  std::memcpy(out, &sum, sizeof sum);
}

}  // namespace tandem
