// SPDX-License-Identifier: Apache-2.0
// How a node comes to a session with its peer: what it sends, when it sends it again, what it believes.
//
// The responder keeps nothing of an INIT: its nonce is an HMAC over the initiator's under a secret that is drawn anew with every
// session, so a CONFIRM proves that it answers a REPLY of the present, and a replayed INIT costs one REPLY and changes nothing.
// Either side may begin. When both do, the one with the lower name goes on and refuses the other's (`crossing`), unless the
// peer lacks the key it uses. Threads: one at a time; time and chance are handed in.
#pragma once

#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "controlplane/sync/handshake_message.h"
#include "controlplane/sync/rate_limit.h"

namespace tandem::sync {

struct Outgoing {
  Type type{};
  std::vector<std::uint8_t> datagram;
};

// What both sides know when the messages have gone round.
struct Agreement {
  Nonces nonces;
  Side side{};
  Secret secret;
  PeerFacts peer;
};

class Handshake {
 public:
  static constexpr Nanoseconds kRepeat = std::chrono::milliseconds{100};

  Handshake(PairKeys keys, NodeFacts self, Chance chance);

  void begin(Instant now);                    // unless it has
  void use_keys(PairKeys keys, Instant now);  // begins when another key sends now

  // Repeats what was not answered. `needed`: there is no session, so never give up.
  void tick(Instant now, bool needed);

  struct Taken {
    Reject reject = Reject::none;
    std::optional<Agreement> agreement;
    bool confirmed_again = false;  // a copy of the CONFIRM that made the present session: the peer has not heard READY
    bool would_answer = false;     // refused by its key, but it says that it holds one of ours: not proved
  };
  Taken take(Type type, Bytes datagram, Instant now);

  // This session is in force now: our own attempt is over, and every REPLY given so far is void.
  void settle(const Nonces& nonces);

  const PairKeys& keys() const { return keys_; }
  const KeyState& key_state() const { return key_state_; }
  const VersionState& version_state() const { return version_state_; }
  std::vector<Outgoing> take_outgoing() { return std::exchange(outgoing_, {}); }

 private:
  enum class Stage : std::uint8_t { reply_awaited, ready_awaited };
  struct Attempt {
    PairKey key;
    Nonce nonce{};
    Stage stage = Stage::reply_awaited;
    Outgoing message;  // INIT, then CONFIRM
    Instant next{};
    unsigned sent = 0;
  };
  void start(Instant now);
  void send(Attempt& attempt, Instant now);
  Nonce responder_nonce(const HandshakeBody& theirs) const;
  bool goes_first(const HandshakeBody& theirs) const;

  Taken take_init(const HandshakeBody& body, Bytes datagram, Instant now);
  Taken take_reply(const HandshakeBody& body, Bytes datagram, Instant now);
  Taken take_confirm(const HandshakeBody& body, Bytes datagram);
  Taken judge_key(const HandshakeBody& body);
  std::optional<PeerFacts> meet(const HandshakeBody& body);
  void answer(const HandshakeBody& body, Instant now);
  void confirm(Attempt& attempt, const HandshakeBody& body, Instant now);
  Attempt* asked_by_us(const HandshakeBody& reply);

  PairKeys keys_;
  NodeFacts self_;
  Chance chance_;
  Secret reply_secret_;
  std::optional<Attempt> attempt_;
  std::optional<Nonces> settled_;
  Nonce answered_{};
  Instant answered_at_{}, next_init_{};
  RateLimit judged_{2000};  // what forged messages may cost: about 1 % of a core
  RateLimit answers_{10};
  KeyState key_state_;
  VersionState version_state_;
  std::vector<Outgoing> outgoing_;
};

}  // namespace tandem::sync
