// SPDX-License-Identifier: Apache-2.0
// A read-only map from 49-bit keys to places in an array: one 8-byte word a slot (key above, place + 1 below), so eight
// slots share a cache line and the common look-up is a multiplication, one load and one comparison.
// Threads: built by one, then immutable. Holds: a quarter full at most (half from kLarge keys on, to stay in L2), and
// linear probing ends within kMaxProbes slots: the build tries multipliers until it does. No key is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tandem {

class FlatIndex {
 public:
  static constexpr unsigned kPlaceBits = 15, kKeyBits = 64 - kPlaceBits;
  static constexpr std::size_t kMaxKeys = (std::size_t{1} << kPlaceBits) - 1, kMaxProbes = 16, kLarge = 4096;

  FlatIndex() : FlatIndex{std::span<const std::uint64_t>{}} {}
  // Distinct keys; their places are first_place, first_place + 1, ….
  explicit FlatIndex(std::span<const std::uint64_t> keys, std::size_t first_place = 0);

  // Place + 1, or 0 when the key is not there. Most look-ups, hit or miss, end at the first slot.
  std::size_t find(std::uint64_t key) const noexcept {
    const std::uint64_t* slot = first_ + (key * multiplier_ >> shift_);
    while (*slot >> kPlaceBits != key) [[unlikely]] {
      if (*slot == 0) return 0;
      ++slot;
    }
    return *slot & kMaxKeys;  // the empty slot's 0 if someone asks for key 0
  }

  std::size_t longest_probe() const noexcept { return longest_probe_; }
  std::size_t size_bytes() const noexcept { return slots_.size() * sizeof(std::uint64_t); }

  FlatIndex(const FlatIndex& other) : FlatIndex{} { *this = other; }
  FlatIndex(FlatIndex&& other) noexcept = default;  // a moved vector keeps its storage, so first_ stays right
  FlatIndex& operator=(const FlatIndex& other);
  FlatIndex& operator=(FlatIndex&& other) noexcept = default;
  ~FlatIndex() = default;

 private:
  bool fill(std::span<const std::uint64_t> keys, std::size_t first_place, unsigned bits, std::uint64_t multiplier, std::size_t most_probes);

  const std::uint64_t* first_ = nullptr;
  std::uint64_t multiplier_ = 0;
  unsigned shift_ = 0;
  std::size_t longest_probe_ = 0;
  std::vector<std::uint64_t> slots_;  // so many more past the end that probing never wraps
};

}  // namespace tandem
