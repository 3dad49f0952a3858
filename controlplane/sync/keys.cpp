// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/keys.h"

#include <openssl/sha.h>

#include <algorithm>

#include "common/base/ensure.h"
#include "controlplane/sync/hex.h"
#include "controlplane/sync/kdf.h"

namespace tandem::sync {
namespace {

template <typename Number>
Number draw(const Chance& chance) {
  std::uint8_t bytes[sizeof(Number)];
  chance(bytes);
  Number value = 0;
  for (const std::uint8_t byte : bytes) value = static_cast<Number>(value << 8 | byte);
  return value;
}

// Another than those in use, and not 0.
KeyId draw_id(const PairKeys& keys, const Chance& chance) {
  for (;;) {
    const KeyId id{draw<std::uint16_t>(chance)};
    if (id != KeyId{} && keys.find(id) == nullptr) return id;
  }
}

PairKey draw_key(const PairKeys& keys, const Chance& chance) {
  const KeyId id = draw_id(keys, chance);
  Secret secret;
  chance(secret.writable());
  return {id, secret};
}

Fingerprint fingerprint_of(const Secret& secret) {
  std::uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(secret.bytes().data(), secret.bytes().size(), digest);
  return Fingerprint{static_cast<std::uint16_t>(digest[0] << 8 | digest[1])};
}

}  // namespace

std::string to_string(KeyId id) { return hex_of(static_cast<std::uint16_t>(id)); }
std::string to_string(Fingerprint fingerprint) { return hex_of(static_cast<std::uint16_t>(fingerprint)); }

std::optional<KeyId> read_key_id(std::string_view digits) {
  std::uint16_t id = 0;
  if (!read_hex_number(digits, id) || id == 0) return {};
  return KeyId{id};
}

PairKey::PairKey(KeyId named, const Secret& drawn)
    : id{named},
      secret{drawn},
      proof{hkdf_expand(hkdf_extract({}, drawn.bytes()), bytes_of("tandem pair handshake"))},
      fingerprint{fingerprint_of(drawn)} {}

const PairKey* PairKeys::find(KeyId id) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [id](const PairKey& key) { return key.id == id; });
  return found == keys.end() ? nullptr : &*found;
}

const PairKey* PairKeys::find(KeyId id, Fingerprint fingerprint) const {
  const PairKey* key = find(id);
  return key != nullptr && key->fingerprint == fingerprint ? key : nullptr;
}

const PairKey& PairKeys::sending() const {
  const PairKey* key = find(send);
  ensure(key != nullptr);
  return *key;
}

PairKeys make_keys(const Chance& chance) {
  PairKeys keys;
  keys.cluster = draw<std::uint64_t>(chance);
  chance(keys.seed.writable());
  keys.keys.push_back(draw_key(keys, chance));
  keys.send = keys.keys.front().id;
  return keys;
}

Result<> add_key(PairKeys& keys, const Chance& chance) {
  if (keys.keys.size() >= 2) return fail("there are two keys already; retire one first");
  keys.keys.push_back(draw_key(keys, chance));
  return {};
}

Result<> retire_key(PairKeys& keys, KeyId id) {
  if (keys.find(id) == nullptr) return fail("there is no key " + to_string(id));
  if (keys.keys.size() == 1) return fail("key " + to_string(id) + " is the only one; add another first");
  std::erase_if(keys.keys, [id](const PairKey& key) { return key.id == id; });
  keys.send = keys.keys.front().id;
  return {};
}

}  // namespace tandem::sync
