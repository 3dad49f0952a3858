// SPDX-License-Identifier: Apache-2.0
// What the pair makes of time: when silence counts, on which LANs it lasts, and what is not to be believed after a sleep.
#include <algorithm>

#include "controlplane/ha/pair.h"

namespace tandem::ha {
namespace {

constexpr int kDeadIntervals = 3, kLongestPeerIntervals = 4;
// Who slept for so long may meet a peer that started anew, and understands it only with new keys: its INIT goes out every 100 ms, and
// three messages follow.
constexpr std::chrono::milliseconds kStartsAnew{500}, kNewKeys{200};

}  // namespace

// Of the other's interval, as far as we believe it, and ours the longer: who sends slowly is not dead.
Nanoseconds Pair::dead_time() const {
  const std::chrono::milliseconds theirs = peer_ ? std::min(peer_->interval, kLongestPeerIntervals * plan_.interval) : plan_.interval;
  return kDeadIntervals * std::max(plan_.interval, theirs);
}

// Who slept cannot judge silence, and must not speak up with what may be an old claim before he has listened.
void Pair::notice_gap(Orders& orders, Instant now) {
  if (!last_tick_ || now - *last_tick_ <= dead_time() / 2) return;
  orders.woke = true;
  const Nanoseconds slept = now - *last_tick_;
  boot_ = boot_ + slept;  // asleep it has not listened either
  paths_.restart(now);
  for (OneGroup& each : groups_) each.group.restart_timers(now), each.election.restart(now);
  for (OneLan& lan : lans_) lan.silent.restart(now);
  quiet_until_ = now + plan_.interval, listens_until_ = now + dead_time();
  if (slept >= kStartsAnew) greets_until_ = listens_until_ + kNewKeys;
}

void Pair::update_silence(const Local& local, Instant now) {
  const bool alive = peer_alive(now);
  for (std::size_t i = 0; i < lans_.size(); ++i) {
    const bool hears = paths_.alive(path_of_lan(i), now, dead_time());
    const LanReport* theirs = peer_ ? peer_->lan(name_key(plan_.lans[i].name)) : nullptr;
    const bool both = hears && theirs != nullptr && theirs->hears;
    lans_[i].silent.update(alive && plan_.lans[i].has_peer && !both, now);
    lans_[i].sound.update(local.has_link(i) && (hears || !plan_.lans[i].has_peer), now);
  }
}

}  // namespace tandem::ha
