// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/clients.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::sim {
namespace {

// Idle for longer, a connection may have ended by itself. Looked at so often, that each is seen twice between two words of its client.
constexpr auto kIdleAtMost = std::chrono::seconds{kEstablishedSeconds - 4}, kLearn = 2s;
constexpr unsigned kLooks = 4;
// Heard by both within so long: who was heard last is not told finer than in seconds, and each node rounds by itself.
constexpr auto kSameMoment = 4s;
constexpr auto kTick = 1s;  // so finely does a table tell time

}  // namespace

// In a split both serve; each client then keeps to one of them, as its side of the LAN does.
std::optional<std::size_t> Clients::node_for(std::size_t group, std::uint16_t port) const {
  for (const std::size_t node : {std::size_t{port / 4U % 2U}, std::size_t{1} - port / 4U % 2U})
    if (nodes_[node]->forwards() && nodes_[node]->serves(group)) return node;
  return std::nullopt;
}

std::optional<Clients::Answer> Clients::send(std::size_t node, std::uint16_t port, std::uint8_t tcp_flags) {
  if (!nodes_[node]->forwards()) return std::nullopt;
  SimNode::Fate fate = nodes_[node]->forward(client_frame(node, port, tcp_flags), now_);
  if (fate.handed && carries_(node) && nodes_[1 - node]->forwards()) {
    node = 1 - node;
    fate = nodes_[node]->forward(*fate.handed, now_);
  }
  if (!fate.server) return std::nullopt;
  heard_[port][node] = now_;
  return Answer{node, *fate.server};
}

std::optional<std::size_t> Clients::server_at(std::size_t node, std::uint16_t port) const {
  if (!nodes_[node]->alive()) return std::nullopt;
  const std::optional<SyncRecord> record = nodes_[node]->table().find(port);
  if (!record) return std::nullopt;
  if (record->state != ConnState::established) return kServers;  // closing: of an earlier life
  for (std::size_t server = 0; server < kServers; ++server)
    if (record->backend == site_address(1, 11 + server)) return server;
  return kServers;
}

// This connection, and not an earlier one of the same client that went to the same server: such a one was last heard before.
bool Clients::knows(std::size_t node, std::uint16_t port) const {
  const Flow& flow = flows_.at(port);
  return server_at(node, port) == flow.server && nodes_[node]->table().heard(port) + kTick >= flow.opened;
}

void Clients::open(std::uint16_t port) {
  const std::optional<std::size_t> node = node_for(group_of_client(port), port);
  const std::optional<Answer> syn = node ? send(*node, port, kTcpSyn) : std::nullopt;
  const std::optional<Answer> ack = syn ? send(syn->node, port, kTcpAck) : std::nullopt;
  if (!ack) return;
  const bool derivable = (nodes_[ack->node]->table().flags_of(port) & kConnException) == 0;
  flows_[port] = {ack->server, derivable, now_, now_, {}, {}, false, false};
}

void Clients::close(std::uint16_t port) {
  if (const std::optional<std::size_t> node = node_for(group_of_client(port), port)) send(*node, port, kTcpFin | kTcpAck);
  flows_.erase(port);
}

std::optional<std::string> Clients::speak(std::uint16_t port, Flow& flow) {
  const std::optional<std::size_t> serving = node_for(group_of_client(port), port);
  if (!serving) return std::nullopt;
  const bool strays = engine_() % 16 == 0 && !nodes_[1 - *serving]->serves(group_of_client(port));
  flow.ended = flow.ended || may_have_ended(port);
  if (flow.ended) return flows_.erase(port), std::nullopt;
  const std::optional<Answer> answer = send(strays ? 1 - *serving : *serving, port, kTcpAck);
  if (!answer) return std::nullopt;
  if (answer->server != flow.server && flow.known[answer->node] && !nobody_can_tell(port))
    return fmt::format("connection {} was with server {}, and node {}, which knew it, sends it to {}", port, flow.server, answer->node,
                       answer->server);
  if (answer->server != flow.server) return flows_.erase(port), ++young_, std::nullopt;
  if (!flow.known[answer->node] && (nodes_[answer->node]->table().flags_of(port) & kConnAdopted) != 0) ++adopted_;
  flow.spoke = now_;
  if (knows(answer->node, port)) flow.known[answer->node] = true;
  if (engine_() % 8 == 0) close(port);
  return std::nullopt;
}

// By itself: its client was silent, or spoke where a node that served its group all the time did not hear it.
bool Clients::may_have_ended(std::uint16_t port) const {
  if (now_ - flows_.at(port).spoke > kIdleAtMost) return true;
  for (std::size_t node = 0; node < 2; ++node)
    if (serving_[node][group_of_client(port)].for_how_long(now_) > kIdleAtMost && now_ - heard_[port][node] > kIdleAtMost) return true;
  return false;
}

// Both nodes had a connection of this client, and heard it at about the same time.
bool Clients::nobody_can_tell(std::uint16_t port) const {
  const auto& [first, second] = heard_[port];
  return flows_.at(port).contested && std::max(first, second) - std::min(first, second) < kSameMoment;
}

// What each node knows of it; and that both do, once they have heard each other for long enough.
std::optional<std::string> Clients::look_at(std::uint16_t port, Nanoseconds hearing) {
  const auto at = flows_.find(port);
  if (at == flows_.end()) return std::nullopt;
  Flow& flow = at->second;
  const std::array<std::optional<std::size_t>, 2> servers{server_at(0, port), server_at(1, port)};
  for (std::size_t node = 0; node < 2; ++node) {
    if (servers[node] == kServers) flow.known[node] = false;
    if (knows(node, port)) flow.known[node] = true;
    if (servers[node] && servers[node] != flow.server && !flow.contested) flow.contested = true, ++contested_;
  }
  flow.ended = flow.ended || may_have_ended(port);
  const bool closing = servers[0] == kServers || servers[1] == kServers;
  flow.differs.update(servers[0] != servers[1] && !closing, now_);
  const bool settled = std::min(hearing, flow.differs.for_how_long(now_)) > kLearn && !flow.ended;
  if (!settled || (!flow.known[0] && !flow.known[1])) return std::nullopt;
  if (nobody_can_tell(port)) return std::nullopt;
  const auto text = [](const std::optional<std::size_t>& server) { return server ? fmt::format("server {}", *server) : "nobody"; };
  return fmt::format("connection {} is with server {}; node 0 knows of {}, node 1 of {}, and both had time to learn", port, flow.server,
                     text(servers[0]), text(servers[1]));
}

std::optional<std::string> Clients::act(Instant now, Nanoseconds hearing) {
  now_ = now;
  for (std::size_t node = 0; node < 2; ++node)  // as the workers know it, who hear nothing while a link is down
    for (std::size_t group = 0; group < kGroups; ++group)
      if (!nodes_[node]->alive() || nodes_[node]->works()) serving_[node][group].update(nodes_[node]->serves(group), now);
  if (resting_) return std::nullopt;
  for (unsigned look = 0; look < kLooks; ++look, look_ = static_cast<std::uint16_t>((look_ + 1) % kClients))
    if (auto wrong = look_at(look_, hearing)) return wrong;
  turn_ = static_cast<std::uint16_t>((turn_ + 1) % kClients);
  const auto at = flows_.find(turn_);
  if (at != flows_.end()) return speak(turn_, at->second);
  open(turn_);
  return std::nullopt;
}

void Clients::node_forgot(std::size_t node) {
  for (auto& [port, flow] : flows_) flow.known[node] = false;
}

std::string Clients::known_at(std::size_t node, std::uint16_t port) const {
  const std::optional<SyncRecord> record = nodes_[node]->alive() ? nodes_[node]->table().find(port) : std::nullopt;
  if (!record) return "nothing";
  return fmt::format("order ({}, {}) to {}, state {}, seen {:x}, flags {:x}, heard {:.0f} s ago", record->term,
                     static_cast<std::uint64_t>(record->incarnation), to_string(record->backend), static_cast<int>(record->state),
                     record->seen, nodes_[node]->table().flags_of(port),
                     std::chrono::duration<double>(now_ - nodes_[node]->table().heard(port)).count());
}

std::optional<std::string> Clients::compare_tables() const {
  const std::vector<SyncRecord> first = nodes_[0]->table().connections(), second = nodes_[1]->table().connections();
  const auto same = [](const SyncRecord& a, const SyncRecord& b) {
    return a.client_port == b.client_port && a.order() == b.order() && a.backend == b.backend && a.state == b.state && a.seen == b.seen;
  };
  const auto [a, b] = std::mismatch(first.begin(), first.end(), second.begin(), second.end(), same);
  if (a == first.end() && b == second.end()) return std::nullopt;
  const auto text = [](auto at, const auto& table) {
    if (at == table.end()) return std::string{"nothing"};
    return fmt::format("{} of order ({}, {}) to {}, state {}, seen {:x}", at->client_port - 1024, at->term,
                       static_cast<std::uint64_t>(at->incarnation), to_string(at->backend), static_cast<int>(at->state), at->seen);
  };
  return fmt::format("the tables of {} and {} connections differ after a quiet time: {}; {}", first.size(), second.size(), text(a, first),
                     text(b, second));
}

}  // namespace tandem::sim
