// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/handshake_message.h"

#include <cstring>

#include "common/base/ensure.h"

namespace tandem::sync {
namespace {

KeyClaim claim(const PairKey& key) { return {Be16{static_cast<std::uint16_t>(key.id)}, Be16{static_cast<std::uint16_t>(key.fingerprint)}}; }

bool is_claim_of(const KeyClaim& claimed, const PairKey& key) {
  const KeyClaim own = claim(key);
  return claimed.id == own.id && claimed.fingerprint == own.fingerprint;
}

}  // namespace

HandshakeBody introduce(const NodeFacts& self, const PairKeys& keys, const PairKey& used) {
  HandshakeBody body;
  ensure(!self.name.empty() && self.name.size() <= sizeof body.name);
  body.cluster = Be64{keys.cluster};
  body.key = claim(used);
  for (const PairKey& key : keys.keys)
    if (key.id != used.id) body.other_key = claim(key);
  body.min_version = self.min_version, body.max_version = self.max_version;
  body.boot_id = Be64{self.boot_id}, body.capabilities = Be64{self.capabilities}, body.capacity = Be64{self.capacity};
  body.name_length = static_cast<std::uint8_t>(self.name.size());
  std::memcpy(body.name, self.name.data(), self.name.size());
  return body;
}

NodeFacts facts_of(const HandshakeBody& body) {
  return {.name = {body.name, body.name_length},
          .boot_id = body.boot_id.host(),
          .min_version = body.min_version,
          .max_version = body.max_version,
          .capabilities = body.capabilities.host(),
          .capacity = body.capacity.host()};
}

Nonces nonces_of(const HandshakeBody& body) { return {body.initiator_nonce, body.responder_nonce}; }

bool holds(const HandshakeBody& theirs, const PairKey& key) { return is_claim_of(theirs.key, key) || is_claim_of(theirs.other_key, key); }

const PairKey* held_by_both(const PairKeys& ours, const HandshakeBody& theirs) {
  for (const PairKey& key : ours.keys)
    if (holds(theirs, key)) return &key;
  return nullptr;
}

std::vector<std::uint8_t> write_message(Type type, const HandshakeBody& body, const Secret& proof) {
  std::vector<std::uint8_t> datagram(kHandshakeBytes);
  const std::span<std::uint8_t> whole{datagram};
  write_header({.type = static_cast<std::uint8_t>(type), .stream = static_cast<std::uint8_t>(kControlStream)}, whole);
  std::memcpy(whole.data() + sizeof(DatagramHeader), &body, sizeof body);
  const Secret mac = hmac_sha256(proof.bytes(), whole.first(kHandshakeBytes - kMacBytes));
  std::memcpy(whole.last<kMacBytes>().data(), mac.bytes().data(), kMacBytes);
  return datagram;
}

tl::expected<HandshakeBody, Reject> read_message(Bytes datagram) {
  const std::optional<DatagramHeader> header = read_header(datagram);
  if (!header || datagram.size() < kHandshakeBytes) return tl::unexpected{Reject::short_datagram};
  if (header->version != 0) return tl::unexpected{Reject::version};
  HandshakeBody body;
  std::memcpy(&body, datagram.data() + sizeof(DatagramHeader), sizeof body);
  if (body.name_length == 0 || body.name_length > sizeof body.name) return tl::unexpected{Reject::malformed};
  return body;
}

bool is_proved(Bytes datagram, const Secret& proof) {
  const Secret expected = hmac_sha256(proof.bytes(), datagram.first(datagram.size() - kMacBytes));
  return equal_in_constant_time(datagram.last(kMacBytes), expected.bytes());
}

}  // namespace tandem::sync
