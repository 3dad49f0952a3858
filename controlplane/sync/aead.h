// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM under one key in one direction, its context kept: no allocation and no key schedule per datagram.
// The nonce is four zero bytes and the sequence, big-endian (RFC 5116 3.2), so one key must never see a sequence twice to seal.
// Threads: one at a time. Both work in place: the text may be the very bytes that come out.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <span>

#include "controlplane/sync/kdf.h"

namespace tandem::sync {

inline constexpr std::size_t kTagBytes = 16;

class Aead {
 public:
  enum class Way : std::uint8_t { seal, open };

  Aead(const Secret& key, Way way);

  // `out` is as long as `plain`; `tag` proves it and `header` both.
  void seal(std::uint64_t sequence, Bytes header, Bytes plain, std::span<std::uint8_t> out, std::span<std::uint8_t, kTagBytes> tag);

  // In place. False: not from who has the key, or changed on the way; the text is then zeros.
  bool open(std::uint64_t sequence, Bytes header, std::span<std::uint8_t> text, std::span<const std::uint8_t, kTagBytes> tag);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes the key schedule too
  };
  void begin(std::uint64_t sequence, Bytes header);

  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

}  // namespace tandem::sync
