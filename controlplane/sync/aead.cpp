// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/aead.h"

#include <openssl/crypto.h>

#include <array>

#include "common/base/ensure.h"

namespace tandem::sync {
namespace {

// Asked for once: OpenSSL 3 looks a cipher up by name, which costs more than a datagram.
const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const found = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  ensure(found != nullptr);
  return found;
}

std::array<std::uint8_t, 12> nonce_of(std::uint64_t sequence) {
  std::array<std::uint8_t, 12> nonce{};
  for (std::size_t i = 12; i > 4; sequence >>= 8) nonce[--i] = static_cast<std::uint8_t>(sequence);
  return nonce;
}

int length_of(Bytes bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

// What OpenSSL refuses here is a mistake of ours or memory that ran out; only the tag is the world's.
Aead::Aead(const Secret& key, Way way) : context_{EVP_CIPHER_CTX_new()} {
  ensure(context_ != nullptr && EVP_CipherInit_ex2(context_.get(), cipher(), key.bytes().data(), nullptr, way == Way::seal, nullptr) == 1);
}

void Aead::begin(std::uint64_t sequence, Bytes header) {
  const auto nonce = nonce_of(sequence);
  int length = 0;
  ensure(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), -1, nullptr) == 1);
  ensure(EVP_CipherUpdate(context_.get(), nullptr, &length, header.data(), length_of(header)) == 1);
}

void Aead::seal(std::uint64_t sequence, Bytes header, Bytes plain, std::span<std::uint8_t> out, std::span<std::uint8_t, kTagBytes> tag) {
  ensure(out.size() == plain.size());
  begin(sequence, header);
  int length = 0;
  std::uint8_t unused[1];
  if (!plain.empty()) ensure(EVP_CipherUpdate(context_.get(), out.data(), &length, plain.data(), length_of(plain)) == 1);
  ensure(EVP_CipherFinal_ex(context_.get(), unused, &length) == 1);
  ensure(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag.data()) == 1);
}

bool Aead::open(std::uint64_t sequence, Bytes header, std::span<std::uint8_t> text, std::span<const std::uint8_t, kTagBytes> tag) {
  begin(sequence, header);
  int length = 0;
  std::uint8_t unused[1];
  std::array<std::uint8_t, kTagBytes> expected;
  std::copy(tag.begin(), tag.end(), expected.begin());
  ensure(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, expected.data()) == 1);
  if (!text.empty()) ensure(EVP_CipherUpdate(context_.get(), text.data(), &length, text.data(), length_of(text)) == 1);
  const bool genuine = EVP_CipherFinal_ex(context_.get(), unused, &length) == 1;
  if (!genuine) OPENSSL_cleanse(text.data(), text.size());  // nobody reads what nobody vouches for
  return genuine;
}

}  // namespace tandem::sync
