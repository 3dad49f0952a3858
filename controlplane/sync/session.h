// SPDX-License-Identifier: Apache-2.0
// One node's side of the pair's session: seals what it says to the peer, opens what it hears, and renews the keys.
//
// A session is replaced only by a handshake that completed, and no datagram is lost by it: the initiator goes on sealing with
// the old epoch until the responder is heard in the new one, and each side reads the old one for a second after its switch.
// Nothing here ends a session: whether the peer lives is told by its hellos.
//
// Threads: one at a time. No sockets and no clock: the caller sends take_outgoing() on every path it has, calls tick() at least
// every 20 ms, and hands in what it receives. Not established, INIT goes out every 100 ms.
#pragma once

#include <memory>

#include "controlplane/sync/handshake.h"

namespace tandem::sync {

// One datagram that was taken; `payload` lies in the datagram, in clear.
struct Opened {
  Reject reject = Reject::none;
  Type type{};
  Stream stream{};
  std::uint8_t count = 0, flags = 0;
  std::uint32_t generation = 0, epoch = 0;
  std::uint64_t sequence = 0;
  std::span<std::uint8_t> payload;

  bool for_caller() const { return reject == Reject::none && !is_handshake(type); }
};

class Session {
 public:
  Session(PairKeys keys, NodeFacts self, Chance chance);

  bool established() const { return current_ != nullptr; }
  const PeerFacts* peer() const { return current_ ? &current_->peer : nullptr; }  // of the session in force
  std::uint32_t epoch() const { return current_ ? current_->epoch.id() : 0; }
  KeyState key_state(Instant now) const;
  VersionState version_state() const { return handshake_.version_state(); }
  const RejectCounts& rejects() const { return rejects_; }

  // Bytes written: the payload's and kSealBytes; 0 without a session, or when the stream's sequences are used up.
  std::size_t seal(const Label& label, Bytes payload, std::span<std::uint8_t> out);
  Opened open(std::span<std::uint8_t> datagram, Instant now);

  void tick(Instant now);
  void use_keys(PairKeys keys, Instant now);  // the key file changed; the session stays until new keys are agreed
  std::vector<Outgoing> take_outgoing();

 private:
  struct Agreed {
    explicit Agreed(const Agreement& agreement)
        : epoch{agreement.secret, agreement.nonces, agreement.side, agreement.peer.version},
          nonces{agreement.nonces},
          peer{agreement.peer} {}
    Epoch epoch;
    Nonces nonces;
    PeerFacts peer;
  };
  Opened judge(std::span<std::uint8_t> datagram, Instant now);
  Opened open_sealed(const DatagramHeader& header, std::span<std::uint8_t> datagram, Instant now);
  Reject take_handshake(Type type, Bytes datagram, Instant now);
  bool is_heard(Instant now) const;
  void meet_stranger(Instant now);
  Agreed* find(std::uint32_t epoch, Instant now);
  void switch_to(std::unique_ptr<Agreed> agreed, Instant now);
  void say_ready(Instant now);

  Handshake handshake_;
  std::unique_ptr<Agreed> current_, next_, previous_;  // next_: we are its initiator, and the responder was not heard in it yet
  Instant previous_until_{}, heard_{};
  RateLimit readies_{10};
  std::vector<Outgoing> outgoing_;
  RejectCounts rejects_;
};

}  // namespace tandem::sync
