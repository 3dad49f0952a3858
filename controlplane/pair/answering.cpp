// SPDX-License-Identifier: Apache-2.0
// What is answered to who asks: an operator, before a failover; a report, about keys.
#include "controlplane/pair/half.h"

namespace tandem::pair {

bool Half::keys_disagree(Instant now) const {
  return session_ && (now < foreign_until_ || session_->key_state(now).kind == sync::KeyState::Kind::mismatch);
}

std::string Half::key_text(Instant now) const {
  if (!session_) return "no key";
  if (now < foreign_until_) return "peer uses the key file of another pair";
  return session_->key_state(now).kind == sync::KeyState::Kind::agree ? "agree" : sync::to_string(session_->key_state(now));
}

std::optional<std::string> Half::refuse_failover(GroupId group, Instant now) const {
  const ha::Group& each = machine_.group(group);
  if (!ha::serves(each.role())) return "this node does not serve it: ask the other";
  if (!machine_.peer_alive(now) || !machine_.peer()) return "the peer is not heard, so nobody could take it";
  const ha::Hello &peer = *machine_.peer(), &own = machine_.own();
  if (!peer.ready) return "the peer is not ready";
  if (!own.in_step) return "the peer is not in step: connections would be lost";
  if (peer.pair_digest != own.pair_digest) return "the peer runs another configuration";
  if (peer.schedule_digest != own.schedule_digest) return "the peer schedules otherwise: weights or backends differ";
  if (machine_.plan().has_sync_path && !(own.hears_on_sync && peer.hears_on_sync)) return "the sync link is silent";
  if (peer.stalled_workers != 0) return "a worker of the peer stands still";
  const ha::GroupReport* theirs = peer.group(each.key());
  if (theirs != nullptr && theirs->cut_off) return "the peer reaches few of the backends";
  return std::nullopt;
}

}  // namespace tandem::pair
