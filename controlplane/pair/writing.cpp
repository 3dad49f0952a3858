// SPDX-License-Identifier: Apache-2.0
// What is written down for people as events, each once: roles that changed, standing still, a peer or a path that fell silent, keys.
#include <utility>

#include <fmt/format.h>

#include "controlplane/pair/cause_words.h"
#include "controlplane/pair/half.h"

namespace tandem::pair {
namespace {

long milliseconds_of(Nanoseconds time) { return std::chrono::duration_cast<std::chrono::milliseconds>(time).count(); }

}  // namespace

void Half::write_down(const ha::Orders& orders, Instant now) {
  for (const ha::Change& change : orders.changes) write_change(change, now);
  watch_gaps(orders.woke, now);
  watch_peer(now);
  watch_keys(now);
  for (std::size_t path = 0; path < paths_.size(); ++path) watch_path(path, now);
}

void Half::write_change(const ha::Change& change, Instant now) {
  GroupStats& stats = group_stats_[index(change.group)];
  ++stats.transitions[{std::string{name_of(change.after)}, std::string{name_of(change.cause)}}];
  stats.last_transition_wall_seconds = self_.wall ? self_.wall() : 0;
  const bool took_over = change.after == ha::Role::active && change.before == ha::Role::standby;
  if (took_over && last_heard_) stats.last_takeover_seconds = std::chrono::duration<double>(now - *last_heard_).count();
  const bool bad = change.cause == ha::Cause::peer_silent || change.cause == ha::Cause::conflict || change.cause == ha::Cause::unheard;
  std::string text = fmt::format("{}, was {}: {}", name_of(change.after), name_of(change.before), words_for(change.cause));
  if (took_over && change.cause == ha::Cause::peer_silent && last_heard_)
    text += fmt::format(" for {} ms", milliseconds_of(now - *last_heard_));
  around_.notice({change.cause == ha::Cause::conflict ? Notice::Kind::conflict : Notice::Kind::role, false, bad,
                  "group " + view_.pair.groups[index(change.group)].name, text});
}

void Half::watch_gaps(bool woke, Instant now) {
  if (woke)
    around_.notice({Notice::Kind::gap, false, true, "node " + self_.name,
                    fmt::format("stood still for {} ms: silence is counted anew", milliseconds_of(stood_still_))});
  const Nanoseconds worst = own_gaps_.worst(now);
  const bool narrow = machine_.dead_time() < 2 * worst;
  if (narrow && !gap_warned_)
    around_.notice({Notice::Kind::gap, false, true, "node " + self_.name,
                    fmt::format("this node stood still for up to {} ms, and its dead time is {} ms: raise advert_interval, or give "
                                "workers cores of their own",
                                milliseconds_of(worst), milliseconds_of(machine_.dead_time()))});
  gap_warned_ = narrow;
}

void Half::watch_peer(Instant now) {
  const bool alive = machine_.peer_alive(now);
  if (alive != peer_was_alive_)
    around_.notice({Notice::Kind::peer, false, !alive, "peer", alive ? "heard" : "not heard on any path: it has no redundancy now"});
  peer_was_alive_ = alive;
}

void Half::watch_keys(Instant now) {
  if (!keys_disagree(now)) return void(key_text_told_.clear());
  const std::string text = key_text(now);
  if (text == key_text_told_) return;
  key_text_told_ = text;
  around_.notice({Notice::Kind::keys, true, false, "peer",
                  text + ": elections follow VRRP alone until the keys agree; copy the key file of one node to the other"});
}

// One path of several. Told after twice the dead time, so that a peer that dies on all of them is one event and not one a path.
void Half::watch_path(std::size_t path, Instant now) {
  OnePath& each = paths_[path];
  const bool sync = path == ha::kSyncPath;
  const bool used = sync ? machine_.plan().has_sync_path : machine_.plan().lans[path - 1].has_peer;
  const bool silent = used && !machine_.paths().alive(path, now, machine_.dead_time());
  const auto object = [&] { return sync ? "sync link" : "lan " + view_.pair.lans[path - 1].name; };
  if (!silent && std::exchange(each.silence_told, false))
    around_.notice({Notice::Kind::link, false, false, object(), "the peer is heard again"});
  each.silent.update(silent && machine_.peer_alive(now), now);
  if (each.silence_told || each.silent.for_how_long(now) < 2 * machine_.dead_time()) return;
  each.silence_told = true;
  around_.notice({Notice::Kind::link, sync, true, object(),
                  sync ? "the peer is not heard here, only on LANs: no group is moved for comfort until it is"
                       : "the peer is not heard here, but elsewhere"});
}

}  // namespace tandem::pair
