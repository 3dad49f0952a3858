// SPDX-License-Identifier: Apache-2.0
#include "controlplane/pair/half.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::pair {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::uint64_t digest_of(const std::string& hash) {
  std::uint64_t out = 1469598103934665603ULL;
  for (const char letter : hash) out = (out ^ static_cast<std::uint8_t>(letter)) * 1099511628211ULL;
  return out;
}

sync::NodeFacts facts_of(const Identity& self) {
  sync::NodeFacts facts{.name = self.name, .boot_id = self.boot, .capacity = self.capacity};
  facts.max_version = self.newest_version;
  if (self.newest_version == sync::kNewestVersion) facts.capabilities = sync::kHearsWords;
  return facts;
}

// What an operator reads in an event, and what he may do.
const char* words_for(ha::Cause cause) {
  switch (cause) {
    case ha::Cause::peer_silent:
      return "the peer was not heard on any path";
    case ha::Cause::peer_unfit:
      return "the peer has a dead link or a standing worker, or reaches few of the backends";
    case ha::Cause::lan_silent:
      return "a LAN between the nodes is silent, and others answer us better";
    case ha::Cause::peer_yields:
      return "the peer asked for it";
    case ha::Cause::nobody_serves:
      return "neither node had it";
    case ha::Cause::conflict:
      return "the peer took it later than we did";
    case ha::Cause::unheard:
      return "the peer serves it and does not hear us";
    case ha::Cause::asked:
      return "an operator asked";
    case ha::Cause::preferred:
      return "it goes back to the node it prefers";
    case ha::Cause::leaving:
      return "this node is about to stop";
    case ha::Cause::not_taken:
      return "the peer did not take it";
    case ha::Cause::vrrp:
      return "elected by VRRP";
    case ha::Cause::boot:
      return "listening is over";
    default:
      return "";
  }
}

}  // namespace

ha::Plan plan_of(const View& view, bool has_key) {
  ha::Plan plan;
  plan.mode = view.pair.ha.mode, plan.interval = view.interval, plan.start_delay = view.pair.ha.start_delay;
  plan.preempt = view.pair.ha.preempt, plan.has_key = has_key, plan.has_sync_path = view.pair.sync && view.pair.sync->has_link();
  for (const auto& lan : view.pair.lans) plan.lans.push_back({lan.name, !lan.peer.empty()});
  for (const auto& group : view.pair.groups) {
    ha::GroupPlan each{group.name, group.preferred, {}};
    for (const auto& on : group.lans) each.lans.push_back(on.lan);
    plan.groups.push_back(std::move(each));
  }
  return plan;
}

Half::Half(Surroundings& around, Identity self, View view, Instant now)
    : around_{around}, self_{std::move(self)}, machine_{plan_of(view, self_.keys.has_value()), self_.boot, now}, scratch_(2048) {
  if (self_.keys) session_.emplace(*self_.keys, facts_of(self_), self_.chance);
  if (session_ && self_.state_sync && around_.flows() != nullptr) flows_.emplace(*around_.flows(), self_.digests);
  if (session_) words_.emplace(self_.boot);
  configure(std::move(view), now);
}

void Half::configure(View view, Instant now) {
  const ha::Plan plan = plan_of(view, self_.keys.has_value());
  if (plan != machine_.plan()) machine_.configure(plan, now);
  for (const ha::Group& group : machine_.groups()) {
    const std::size_t g = index(group.id());
    if (g < view_.pair.groups.size() && view.pair.groups[g] != view_.pair.groups[g]) machine_.announce_again(group.id());
    const auto known = self_.terms.find(group.plan().name);
    if (known != self_.terms.end()) machine_.hear_term(group.id(), known->second);
  }
  if (view.pair.lans.size() != view_.pair.lans.size()) {
    learned_macs_.assign(view.pair.lans.size(), {}), checksum_forms_.assign(view.pair.lans.size(), {});
    paths_.resize(view.pair.lans.size() + 1);
    local_.lans.resize(view.pair.lans.size(), {.link = false});
    silent_paths_.assign(paths_.size(), {}), silence_told_.assign(paths_.size(), false);
  }
  groups_.resize(view.pair.groups.size());
  local_.pair_digest = digest_of(view.pair.pair_hash), local_.schedule_digest = view.schedule_digest;
  local_.penalties = view.penalties, local_.cut_off = view.cut_off;
  for (std::size_t i = 0; i < local_.lans.size(); ++i) local_.lans[i].own = view.pair.lans[i].own;
  view_ = std::move(view);
}

void Half::tick(Instant now) {
  look_at_self(now);
  if (session_) {
    session_->tick(now), send_handshake(now);
    const std::optional<std::size_t> path = session_->established() ? way_to_peer(now) : std::nullopt;
    if (flows_) pump_flows(path, now);
    pump_words(path, now);
  }
  const ha::Orders orders = machine_.tick(local_, now);
  for (const ha::Group& group : machine_.groups()) around_.set_term(group.id(), group.term());
  around_.set_roles(orders.roles);  // before a frame says so
  if (orders.hello) send_hello(now);
  for (const GroupId group : orders.announce) announce(group, now);
  for (const ha::Orders::Vrrp& advert : orders.adverts) send_adverts(advert, now);
  for (const std::size_t lan : orders.probes) probe(lan, now);
  write_down(orders, now);
  remember_terms();
  last_tick_ = now;
}

void Half::look_at_self(Instant now) {
  const Facts facts = around_.facts(now, machine_.dead_time());
  stood_still_ = last_tick_ ? std::max(now - *last_tick_, facts.worst_worker_age) : Nanoseconds{0};
  own_gaps_.note(stood_still_, now);
  local_.ready = facts.ready, local_.stalled_workers = facts.stalled_workers;
  local_.peer_has_all = !flows_ || flows_->peer_has_all(now);
  local_.keys_disagree = keys_disagree(now);
  for (std::size_t i = 0; i < local_.lans.size(); ++i) {
    const std::size_t at = index(view_.pair.lans[i].port);
    const Facts::Port port = at < facts.ports.size() ? facts.ports[at] : Facts::Port{};
    local_.lans[i].link = port.link;
    local_.lans[i].witness = port.witness && now - *port.witness < 2 * machine_.dead_time();
  }
}

void Half::write_down(const ha::Orders& orders, Instant now) {
  for (const ha::Change& change : orders.changes) write_change(change, now);
  if (orders.woke)
    around_.notice({Notice::Kind::gap, false, true, "node " + self_.name,
                    fmt::format("stood still for {} ms: silence is counted anew", duration_cast<milliseconds>(stood_still_).count())});
  const Nanoseconds worst = own_gaps_.worst(now);
  const bool narrow = machine_.dead_time() < 2 * worst;
  if (narrow && !gap_warned_)
    around_.notice({Notice::Kind::gap, false, true, "node " + self_.name,
                    fmt::format("this node stood still for up to {} ms, and its dead time is {} ms: raise advert_interval, or give "
                                "workers cores of their own",
                                duration_cast<milliseconds>(worst).count(), duration_cast<milliseconds>(machine_.dead_time()).count())});
  gap_warned_ = narrow;
  watch_peer(now);
  watch_paths(now);
}

void Half::write_change(const ha::Change& change, Instant now) {
  GroupStats& stats = groups_[index(change.group)];
  ++stats.transitions[{std::string{name_of(change.after)}, std::string{name_of(change.cause)}}];
  stats.last_transition_wall_seconds = self_.wall ? self_.wall() : 0;
  const bool took_over = change.after == ha::Role::active && change.before == ha::Role::standby;
  if (took_over && last_heard_) stats.last_takeover_seconds = std::chrono::duration<double>(now - *last_heard_).count();
  const bool bad = change.cause == ha::Cause::peer_silent || change.cause == ha::Cause::conflict || change.cause == ha::Cause::unheard;
  std::string text = fmt::format("{}, was {}: {}", name_of(change.after), name_of(change.before), words_for(change.cause));
  if (took_over && change.cause == ha::Cause::peer_silent && last_heard_)
    text += fmt::format(" for {} ms", duration_cast<milliseconds>(now - *last_heard_).count());
  around_.notice({change.cause == ha::Cause::conflict ? Notice::Kind::conflict : Notice::Kind::role, false, bad,
                  "group " + view_.pair.groups[index(change.group)].name, text});
}

void Half::remember_terms() {
  bool changed = false;
  for (const ha::Group& group : machine_.groups()) {
    std::uint16_t& known = self_.terms[group.plan().name];
    if (!ha::is_later(group.highest_term(), known)) continue;
    known = group.highest_term(), changed = true;
  }
  if (changed) around_.remember(self_.terms);
}

void Half::watch_peer(Instant now) {
  const bool alive = machine_.peer_alive(now);
  if (alive != peer_was_alive_)
    around_.notice({Notice::Kind::peer, false, !alive, "peer", alive ? "heard" : "not heard on any path: it has no redundancy now"});
  peer_was_alive_ = alive;
  if (!keys_disagree(now)) return void(key_text_told_.clear());
  const std::string text = key_text(now);
  if (text == key_text_told_) return;
  key_text_told_ = text;
  around_.notice({Notice::Kind::keys, true, false, "peer",
                  text + ": elections follow VRRP alone until the keys agree; copy the key file of one node to the other"});
}

// One path of several. Told after twice the dead time, so that a peer that dies on all of them is one event and not one a path.
void Half::watch_paths(Instant now) {
  for (std::size_t path = 0; path < paths_.size(); ++path) {
    const bool sync = path == ha::kSyncPath;
    const bool used = sync ? machine_.plan().has_sync_path : machine_.plan().lans[path - 1].has_peer;
    const bool silent = used && !machine_.paths().alive(path, now, machine_.dead_time());
    if (!silent && silence_told_[path])
      around_.notice(
          {Notice::Kind::link, false, false, sync ? "sync link" : "lan " + view_.pair.lans[path - 1].name, "the peer is heard again"});
    if (!silent) silence_told_[path] = false;
    silent_paths_[path].update(silent && machine_.peer_alive(now), now);
    if (silence_told_[path] || silent_paths_[path].for_how_long(now) < 2 * machine_.dead_time()) continue;
    silence_told_[path] = true;
    around_.notice({Notice::Kind::link, sync, true, sync ? "sync link" : "lan " + view_.pair.lans[path - 1].name,
                    sync ? "the peer is not heard here, only on LANs: no group is moved for comfort until it is"
                         : "the peer is not heard here, but elsewhere"});
  }
}

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
