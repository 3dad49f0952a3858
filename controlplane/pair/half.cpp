// SPDX-License-Identifier: Apache-2.0
#include "controlplane/pair/half.h"

#include <algorithm>

namespace tandem::pair {
namespace {

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

}  // namespace

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
  group_stats_.resize(view.pair.groups.size());
  if (paths_.size() != view.pair.lans.size() + 1) place_lans(view.pair.lans.size());
  local_.pair_digest = digest_of(view.pair.pair_hash), local_.schedule_digest = view.schedule_digest;
  local_.penalties = view.penalties, local_.cut_off = view.cut_off;
  for (std::size_t i = 0; i < local_.lans.size(); ++i) local_.lans[i].own = view.pair.lans[i].own;
  view_ = std::move(view);
}

// What was counted on a path stays with its place; what was learned of a LAN does not.
void Half::place_lans(std::size_t count) {
  lans_.assign(count, {});
  paths_.resize(count + 1);
  for (OnePath& path : paths_) path = {.stats = std::move(path.stats)};
  local_.lans.resize(count, {.link = false});
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
  around_.set_port_halves(port_halves(now));
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

void Half::remember_terms() {
  bool changed = false;
  for (const ha::Group& group : machine_.groups()) {
    std::uint16_t& known = self_.terms[group.plan().name];
    if (!ha::is_later(group.highest_term(), known)) continue;
    known = group.highest_term(), changed = true;
  }
  if (changed) around_.remember(self_.terms);
}

}  // namespace tandem::pair
