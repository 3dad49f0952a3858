// SPDX-License-Identifier: Apache-2.0
// The three messages in which two nodes prove to each other that they hold the same key, and agree on a fresh session:
//
//   INIT     a nonce of the initiator's                         costs the responder one answer and no memory
//   REPLY    both nonces                                        proves the responder: its HMAC covers the fresh nonce
//   CONFIRM  both nonces                                        proves the initiator, and with it the session
//
// All three have one body, in clear, so that a log can say which key the peer uses before any is agreed; an HMAC-SHA256 over
// header and body ends them. The layout stays for all versions: a later one adds between the body and the HMAC.
#pragma once

#include <optional>
#include <vector>

#include "common/base/result.h"
#include "controlplane/sync/datagram.h"
#include "controlplane/sync/epoch.h"
#include "controlplane/sync/facts.h"

namespace tandem::sync {

// A key that the sender holds: its id, and what tells it from another of the same id. Id 0: none.
struct KeyClaim {
  Be16 id, fingerprint;
};

struct HandshakeBody {
  Be64 cluster;
  KeyClaim key, other_key;  // by which this message is proved; the second one of a rotation
  std::uint8_t min_version = 0, max_version = 0;
  std::uint8_t spare[6] = {};
  Be64 boot_id, capabilities, capacity;
  Nonce initiator_nonce{}, responder_nonce{};
  std::uint8_t name_length = 0;
  char name[63] = {};
};
static_assert(sizeof(HandshakeBody) == 144);

inline constexpr std::size_t kMacBytes = 32;
inline constexpr std::size_t kHandshakeBytes = sizeof(DatagramHeader) + sizeof(HandshakeBody) + kMacBytes;

// What this node says of itself and of its keys; the nonces are still zeros.
HandshakeBody introduce(const NodeFacts& self, const PairKeys& keys, const PairKey& used);
NodeFacts facts_of(const HandshakeBody& body);
Nonces nonces_of(const HandshakeBody& body);

// The first key of ours that the sender holds as well; null: none.
const PairKey* held_by_both(const PairKeys& ours, const HandshakeBody& theirs);
bool holds(const HandshakeBody& theirs, const PairKey& key);

// `proof` is the proof key of the pair's key that the body names.
std::vector<std::uint8_t> write_message(Type type, const HandshakeBody& body, const Secret& proof);

// The body as far as it can be trusted without a key: lengths and name are sound. None with the reason.
tl::expected<HandshakeBody, Reject> read_message(Bytes datagram);
bool is_proved(Bytes datagram, const Secret& proof);

}  // namespace tandem::sync
