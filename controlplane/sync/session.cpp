// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/session.h"

#include <iterator>
#include <utility>

#include "common/base/ensure.h"

namespace tandem::sync {
namespace {

constexpr Nanoseconds kOldEpochReadable = std::chrono::seconds{1};
// A peer that is heard in our epoch has not forgotten it, whoever sends other epochs in its name.
constexpr Nanoseconds kPeerQuiet = std::chrono::milliseconds{200};

Opened refused(Reject reject) { return {.reject = reject}; }

}  // namespace

Session::Session(PairKeys keys, NodeFacts self, Chance chance) : handshake_{std::move(keys), std::move(self), std::move(chance)} {}

bool Session::is_heard(Instant now) const { return current_ != nullptr && now - heard_ <= kPeerQuiet; }

// A forged INIT may claim any key, so a claim counts only while no datagram proves the contrary.
KeyState Session::key_state(Instant now) const {
  const PairKeys& keys = handshake_.keys();
  if (!is_heard(now) || keys.find(current_->peer.key, current_->peer.fingerprint) == nullptr) return handshake_.key_state();
  return {KeyState::Kind::agree, current_->peer.fingerprint, keys.sending().fingerprint};
}

std::size_t Session::seal(const Label& label, Bytes payload, std::span<std::uint8_t> out) {
  ensure(!is_handshake(label.type));
  return current_ ? current_->epoch.seal(label, payload, out) : 0;
}

Opened Session::open(std::span<std::uint8_t> datagram, Instant now) {
  const Opened opened = judge(datagram, now);
  rejects_.add(opened.reject);
  return opened;
}

Opened Session::judge(std::span<std::uint8_t> datagram, Instant now) {
  const std::optional<DatagramHeader> header = read_header(datagram);
  if (!header) return refused(Reject::short_datagram);
  const std::optional<Type> type = read_type(header->type);
  if (!type) return refused(Reject::unknown_type);
  if (is_in_clear(*type)) return {.reject = take_handshake(*type, datagram, now), .type = *type};
  return datagram.size() < kSealBytes ? refused(Reject::short_datagram) : open_sealed(*header, datagram, now);
}

Opened Session::open_sealed(const DatagramHeader& header, std::span<std::uint8_t> datagram, Instant now) {
  Agreed* agreed = find(header.epoch.host(), now);
  if (agreed == nullptr) {
    meet_stranger(now);
    return refused(current_ == nullptr ? Reject::not_established : Reject::unknown_epoch);
  }
  if (const Reject reject = agreed->epoch.open(header, datagram); reject != Reject::none) return refused(reject);
  if (agreed != previous_.get()) heard_ = now;
  if (agreed == next_.get()) switch_to(std::move(next_), now);
  return {.type = Type{header.type},
          .stream = Stream{header.stream},
          .count = header.count,
          .flags = header.flags,
          .generation = header.generation.host(),
          .epoch = header.epoch.host(),
          .sequence = header.sequence.host(),
          .payload = datagram.subspan(sizeof header, datagram.size() - kSealBytes)};
}

// Somebody whom we do not understand: perhaps the peer, which forgot our session. Worth a handshake of our own, and no more.
void Session::meet_stranger(Instant now) {
  if (!is_heard(now)) handshake_.begin(now);
}

Session::Agreed* Session::find(std::uint32_t epoch, Instant now) {
  if (previous_ && now >= previous_until_) previous_.reset();
  for (const auto* slot : {&current_, &next_, &previous_})
    if (*slot && (*slot)->epoch.id() == epoch) return slot->get();
  return nullptr;
}

Reject Session::take_handshake(Type type, Bytes datagram, Instant now) {
  Handshake::Taken taken = handshake_.take(type, datagram, now);
  if (taken.confirmed_again) say_ready(now);
  if (taken.would_answer) meet_stranger(now);
  if (!taken.agreement) return taken.reject;
  auto agreed = std::make_unique<Agreed>(*taken.agreement);
  if (taken.agreement->side == Side::initiator) {
    next_ = std::move(agreed);
  } else {
    next_.reset();
    switch_to(std::move(agreed), now);
    say_ready(now);
  }
  return taken.reject;
}

void Session::switch_to(std::unique_ptr<Agreed> agreed, Instant now) {
  previous_ = std::exchange(current_, std::move(agreed));
  previous_until_ = now + kOldEpochReadable, heard_ = now;
  handshake_.settle(current_->nonces);
}

// The initiator seals with the new epoch from the first word it hears in it; this is that word where nothing else is to be said.
void Session::say_ready(Instant now) {
  if (!readies_.allow(now)) return;
  Outgoing ready{Type::ready, std::vector<std::uint8_t>(kSealBytes)};
  if (current_->epoch.seal({.stream = kControlStream, .type = Type::ready}, {}, ready.datagram) != 0) outgoing_.push_back(std::move(ready));
}

void Session::tick(Instant now) {
  if (previous_ && now >= previous_until_) previous_.reset();
  if (current_ && current_->epoch.is_worn()) handshake_.begin(now);
  handshake_.tick(now, current_ == nullptr);
}

void Session::use_keys(PairKeys keys, Instant now) { handshake_.use_keys(std::move(keys), now); }

std::vector<Outgoing> Session::take_outgoing() {
  std::vector<Outgoing> out = handshake_.take_outgoing();
  std::move(outgoing_.begin(), outgoing_.end(), std::back_inserter(out));
  outgoing_.clear();
  return out;
}

}  // namespace tandem::sync
