// SPDX-License-Identifier: Apache-2.0
// What is believed of a handshake message, and what it says about keys and versions.
#include <cstring>

#include "controlplane/sync/handshake.h"

namespace tandem::sync {

Handshake::Taken Handshake::take(Type type, Bytes datagram, Instant now) {
  if (!judged_.allow(now)) return {.reject = Reject::rate_limited};
  const auto body = read_message(datagram);
  if (!body) return {.reject = body.error()};
  if (body->cluster != Be64{keys_.cluster}) return {.reject = Reject::other_cluster};
  if (std::string_view{body->name, body->name_length} == self_.name) return {.reject = Reject::own_name};
  if (type == Type::init) return take_init(*body, datagram, now);
  if (type == Type::reply) return take_reply(*body, datagram, now);
  return take_confirm(*body, datagram);
}

// Nothing is proved yet: what is learnt here is for the log, and a hint that a try of our own may succeed.
Handshake::Taken Handshake::judge_key(const HandshakeBody& body) {
  const Fingerprint theirs{body.key.fingerprint.host()};
  const bool in_common = held_by_both(keys_, body) != nullptr;
  key_state_ = {in_common ? KeyState::Kind::agree : KeyState::Kind::mismatch, theirs, keys_.sending().fingerprint};
  if (keys_.find(KeyId{body.key.id.host()}, theirs) != nullptr) return {};
  return {.reject = Reject::key_mismatch, .would_answer = in_common};
}

// The body is proved: who it is, and the version to speak.
std::optional<PeerFacts> Handshake::meet(const HandshakeBody& body) {
  const NodeFacts node = facts_of(body);
  const std::optional<std::uint8_t> version = common_version(self_, node);
  version_state_ = {version ? VersionState::Kind::agree : VersionState::Kind::none_in_common, node.min_version, node.max_version,
                    self_.min_version, self_.max_version};
  if (!version) return {};
  const Fingerprint theirs{body.key.fingerprint.host()};
  key_state_ = {KeyState::Kind::agree, theirs, keys_.sending().fingerprint};
  return PeerFacts{node, *version, KeyId{body.key.id.host()}, theirs};
}

Nonce Handshake::responder_nonce(const HandshakeBody& theirs) const {
  std::array<std::uint8_t, sizeof(Nonce) + sizeof theirs.boot_id> message;
  std::memcpy(message.data(), theirs.initiator_nonce.data(), sizeof(Nonce));
  std::memcpy(message.data() + sizeof(Nonce), &theirs.boot_id, sizeof theirs.boot_id);
  const Secret drawn = hmac_sha256(reply_secret_.bytes(), message);
  Nonce nonce;
  std::memcpy(nonce.data(), drawn.bytes().data(), sizeof nonce);
  return nonce;
}

bool Handshake::goes_first(const HandshakeBody& theirs) const { return self_.name < std::string_view{theirs.name, theirs.name_length}; }

}  // namespace tandem::sync
