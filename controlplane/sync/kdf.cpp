// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/kdf.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "common/base/ensure.h"

namespace tandem::sync {

Secret hmac_sha256(Bytes key, Bytes message) {
  Secret out;
  // A null key would mean "the key of last time" to OpenSSL; an empty one is meant.
  const std::uint8_t nothing = 0;
  const unsigned char* made = HMAC(EVP_sha256(), key.empty() ? &nothing : key.data(), static_cast<int>(key.size()), message.data(),
                                   message.size(), out.writable().data(), nullptr);
  ensure(made != nullptr);
  return out;
}

Secret hkdf_extract(Bytes salt, Bytes key_material) { return hmac_sha256(salt, key_material); }

Secret hkdf_expand(const Secret& key, Bytes info) {
  std::array<std::uint8_t, 65> message;
  ensure(info.size() < message.size());
  *std::copy(info.begin(), info.end(), message.begin()) = 1;  // the first block's number; there is no second
  return hmac_sha256(key.bytes(), Bytes{message}.first(info.size() + 1));
}

bool equal_in_constant_time(Bytes a, Bytes b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace tandem::sync
