// SPDX-License-Identifier: Apache-2.0
// What this side begins, and the three messages as they come in. handshake_judge.cpp has what is believed of them.
#include "controlplane/sync/handshake.h"

#include <utility>

namespace tandem::sync {
namespace {

constexpr unsigned kConfirmsSent = 3;  // then the responder has most likely forgotten us
constexpr unsigned kInitsSent = 10;    // where a session goes on without
constexpr Nanoseconds kCopyTime = Handshake::kRepeat / 2;

}  // namespace

Handshake::Handshake(PairKeys keys, NodeFacts self, Chance chance)
    : keys_{std::move(keys)}, self_{std::move(self)}, chance_{std::move(chance)} {
  chance_(reply_secret_.writable());
}

void Handshake::begin(Instant now) {
  if (!attempt_ && now >= next_init_) start(now);
}

void Handshake::use_keys(PairKeys keys, Instant now) {
  const bool sends_another = keys_.sending().id != keys.sending().id || !(keys_.sending().secret == keys.sending().secret);
  keys_ = std::move(keys);
  key_state_ = {};
  if (sends_another || attempt_) start(now);
}

void Handshake::start(Instant now) {
  attempt_.emplace(Attempt{.key = keys_.sending()});
  chance_(attempt_->nonce);
  HandshakeBody body = introduce(self_, keys_, attempt_->key);
  body.initiator_nonce = attempt_->nonce;
  attempt_->message = {Type::init, write_message(Type::init, body, attempt_->key.proof)};
  send(*attempt_, now);
}

void Handshake::send(Attempt& attempt, Instant now) {
  outgoing_.push_back(attempt.message);
  attempt.next = next_init_ = now + kRepeat;
  ++attempt.sent;
}

void Handshake::tick(Instant now, bool needed) {
  if (!attempt_) return needed ? begin(now) : void();
  if (now < attempt_->next) return;
  const bool confirming = attempt_->stage == Stage::ready_awaited;
  if (confirming && attempt_->sent >= kConfirmsSent) return start(now);
  if (!confirming && !needed && attempt_->sent >= kInitsSent) return attempt_.reset();
  send(*attempt_, now);
}

void Handshake::settle(const Nonces& nonces) {
  settled_ = nonces;
  attempt_.reset();
  chance_(reply_secret_.writable());
}

Handshake::Taken Handshake::take_init(const HandshakeBody& body, Bytes datagram, Instant now) {
  if (Taken judged = judge_key(body); judged.reject != Reject::none) return judged;
  if (!is_proved(datagram, keys_.find(KeyId{body.key.id.host()})->proof)) return {.reject = Reject::authentication};
  if (!meet(body)) return {.reject = Reject::no_common_version};
  if (attempt_ && goes_first(body) && holds(body, attempt_->key)) return {.reject = Reject::crossing};
  if (body.initiator_nonce == answered_ && now - answered_at_ < kCopyTime) return {.reject = Reject::stale_handshake};
  if (!answers_.allow(now)) return {.reject = Reject::rate_limited};
  answer(body, now);
  return {};
}

void Handshake::answer(const HandshakeBody& body, Instant now) {
  const PairKey& key = *keys_.find(KeyId{body.key.id.host()});
  HandshakeBody reply = introduce(self_, keys_, key);
  reply.initiator_nonce = body.initiator_nonce;
  reply.responder_nonce = responder_nonce(body);
  outgoing_.push_back({Type::reply, write_message(Type::reply, reply, key.proof)});
  answered_ = body.initiator_nonce, answered_at_ = now;
}

Handshake::Attempt* Handshake::asked_by_us(const HandshakeBody& reply) {
  if (!attempt_ || attempt_->stage != Stage::reply_awaited || reply.initiator_nonce != attempt_->nonce) return nullptr;
  return &*attempt_;
}

Handshake::Taken Handshake::take_reply(const HandshakeBody& body, Bytes datagram, Instant now) {
  Attempt* const ours = asked_by_us(body);
  if (ours == nullptr) return {.reject = Reject::stale_handshake};
  if (!is_proved(datagram, ours->key.proof)) return {.reject = Reject::authentication};
  std::optional<PeerFacts> peer = meet(body);
  if (!peer) return {.reject = Reject::no_common_version};
  confirm(*ours, body, now);
  return {.agreement = Agreement{nonces_of(body), Side::initiator, ours->key.secret, std::move(*peer)}};
}

void Handshake::confirm(Attempt& attempt, const HandshakeBody& body, Instant now) {
  HandshakeBody mine = introduce(self_, keys_, attempt.key);
  mine.initiator_nonce = body.initiator_nonce, mine.responder_nonce = body.responder_nonce;
  attempt.message = {Type::confirm, write_message(Type::confirm, mine, attempt.key.proof)};
  attempt.stage = Stage::ready_awaited, attempt.sent = 0;
  send(attempt, now);
}

Handshake::Taken Handshake::take_confirm(const HandshakeBody& body, Bytes datagram) {
  const bool again = settled_ && *settled_ == nonces_of(body);
  if (!again && body.responder_nonce != responder_nonce(body)) return {.reject = Reject::stale_handshake};
  const PairKey* key = keys_.find(KeyId{body.key.id.host()}, Fingerprint{body.key.fingerprint.host()});
  if (key == nullptr) return {.reject = Reject::key_mismatch};
  if (!is_proved(datagram, key->proof)) return {.reject = Reject::authentication};
  if (again) return {.reject = Reject::stale_handshake, .confirmed_again = true};
  if (attempt_ && attempt_->stage == Stage::ready_awaited && goes_first(body)) return {.reject = Reject::crossing};
  std::optional<PeerFacts> peer = meet(body);
  if (!peer) return {.reject = Reject::no_common_version};
  return {.agreement = Agreement{nonces_of(body), Side::responder, key->secret, std::move(*peer)}};
}

}  // namespace tandem::sync
