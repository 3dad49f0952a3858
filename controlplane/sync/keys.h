// SPDX-License-Identifier: Apache-2.0
// What makes two nodes a pair: the cluster they belong to, the hash seed they share, and the one or two keys by which they
// know each other. Two during a rotation: either opens what arrives, the marked one sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/net/siphash.h"
#include "controlplane/sync/secret.h"

namespace tandem::sync {

enum class KeyId : std::uint16_t {};        // drawn with the key; 0 is nobody's
enum class Fingerprint : std::uint16_t {};  // the first 16 bits of the SHA-256 of the secret: enough to compare, too little to guess from

std::string to_string(KeyId id);  // "3f2a"
std::string to_string(Fingerprint fingerprint);
std::optional<KeyId> read_key_id(std::string_view digits);

// What is derived of it is derived once: a stranger's datagram must not cost us a derivation.
struct PairKey {
  PairKey(KeyId named, const Secret& drawn);

  KeyId id;
  Secret secret;
  Secret proof;  // proves handshake messages, and nothing else
  Fingerprint fingerprint;
};

struct PairKeys {
  std::uint64_t cluster = 0;
  Secret seed;  // never rotates: tables and schedules of both nodes derive from it
  std::vector<PairKey> keys;
  KeyId send{};  // one of `keys`

  const HashSeed& hash_seed() const { return seed.bytes(); }
  const PairKey* find(KeyId id) const;
  const PairKey* find(KeyId id, Fingerprint fingerprint) const;  // null when the peer means another key by the same id
  const PairKey& sending() const;
};

PairKeys make_keys(const Chance& chance);

// The first half of a rotation: both nodes learn a second key, and go on sending with the first.
Result<> add_key(PairKeys& keys, const Chance& chance);

// The second half: what is left sends.
Result<> retire_key(PairKeys& keys, KeyId id);

}  // namespace tandem::sync
