// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/flat_index.h"

#include <algorithm>
#include <bit>

#include "common/base/ensure.h"

namespace tandem {
namespace {

// Odd multipliers one after the other (a Weyl sequence of the golden ratio): the same on every machine and in every run.
constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
constexpr unsigned kTries = 32;

// 64 slots at least: with one VIP nearly every other address meets an empty slot at once.
unsigned bits_for(std::size_t keys) {
  const std::size_t slots = keys * (keys >= FlatIndex::kLarge ? 2 : 4);
  return std::max(6u, static_cast<unsigned>(std::bit_width(slots == 0 ? 0 : slots - 1)));
}

}  // namespace

FlatIndex::FlatIndex(std::span<const std::uint64_t> keys, std::size_t first_place) {
  ensure(first_place + keys.size() <= kMaxKeys);
  for (unsigned bits = bits_for(keys.size());; ++bits) {
    std::uint64_t multiplier = kGolden;
    // A few dozen keys find a multiplier without any collision; many settle for the bound.
    for (std::size_t most : {std::size_t{1}, std::size_t{2}, kMaxProbes / 2, kMaxProbes})
      for (unsigned i = 0; i < kTries; ++i, multiplier += 2 * kGolden)
        if (fill(keys, first_place, bits, multiplier | 1, most)) return;
    ensure(bits < 24);
  }
}

FlatIndex& FlatIndex::operator=(const FlatIndex& other) {
  slots_ = other.slots_;
  first_ = slots_.data();
  multiplier_ = other.multiplier_, shift_ = other.shift_, longest_probe_ = other.longest_probe_;
  return *this;
}

bool FlatIndex::fill(std::span<const std::uint64_t> keys, std::size_t first_place, unsigned bits, std::uint64_t multiplier,
                     std::size_t most_probes) {
  slots_.assign((std::size_t{1} << bits) + kMaxProbes + 1, 0);
  first_ = slots_.data(), multiplier_ = multiplier, shift_ = 64 - bits, longest_probe_ = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ensure(keys[i] != 0 && keys[i] >> kKeyBits == 0);
    const std::size_t home = keys[i] * multiplier >> shift_;
    std::size_t probe = 0;
    for (; slots_[home + probe] != 0; ++probe) {
      ensure(slots_[home + probe] >> kPlaceBits != keys[i]);
      if (probe + 1 == most_probes) return false;
    }
    slots_[home + probe] = keys[i] << kPlaceBits | (first_place + i + 1);
    longest_probe_ = std::max(longest_probe_, probe + 1);
  }
  return true;
}

}  // namespace tandem
