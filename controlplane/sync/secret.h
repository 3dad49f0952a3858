// SPDX-License-Identifier: Apache-2.0
// 32 secret bytes that leave memory when they are no longer needed: a core dump or a swapped page shows no key.
// Copies are wiped as well. Never printed: people compare fingerprints.
#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace tandem::sync {

class Secret {
 public:
  using Bytes = std::array<std::uint8_t, 32>;

  Secret() = default;
  explicit Secret(const Bytes& bytes) : bytes_{bytes} {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  const Bytes& bytes() const { return bytes_; }
  std::span<std::uint8_t> writable() { return bytes_; }
  friend bool operator==(const Secret& a, const Secret& b) { return CRYPTO_memcmp(a.bytes_.data(), b.bytes_.data(), a.bytes_.size()) == 0; }

 private:
  Bytes bytes_{};
};

// For text that holds secrets in hex; wipes what its owner is about to give back.
class WipedText {
 public:
  WipedText() = default;
  explicit WipedText(std::size_t bytes) : text(bytes, '\0') {}
  WipedText(WipedText&&) = default;
  WipedText& operator=(WipedText&&) = delete;
  ~WipedText() { OPENSSL_cleanse(text.data(), text.size()); }

  std::string text;
};

// Fills a buffer with unpredictable bytes. Handed in, so that a simulation can repeat a run from its seed.
using Chance = std::function<void(std::span<std::uint8_t>)>;

}  // namespace tandem::sync
