// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/clients.h"

#include <fmt/format.h>

namespace tandem::sim {

// In a split both serve; each client then keeps to one of them, as its side of the LAN does.
std::optional<std::size_t> Clients::server_of(std::size_t group, std::uint16_t port) const {
  for (const std::size_t node : {std::size_t{port % 2U}, std::size_t{1} - port % 2U})
    if (nodes_[node]->runs() && nodes_[node]->serves(group)) return node;
  return std::nullopt;
}

void Clients::open(std::uint16_t port) {
  const std::size_t group = port % kGroups;
  const std::optional<std::size_t> node = server_of(group, port);
  if (!node) return;
  const bool derivable = engine_() % 4 != 0;  // else an exception: the other candidate had its turn
  const std::uint16_t first = first_candidate(port);
  const auto backend = derivable ? first : static_cast<std::uint16_t>((first + 1) % kBackends);
  const SyncRecord& made = nodes_[*node]->flows_of().open(port, static_cast<GroupId>(group), nodes_[*node]->term(group), backend);
  flows_[port] = {group, backend, derivable, made.order(), {}, is_split(group)};
}

std::optional<std::string> Clients::speak(std::uint16_t port, Flow& flow) {
  const std::optional<std::size_t> node = server_of(flow.group, port);
  if (!node) return std::nullopt;
  flow.split = flow.split || is_split(flow.group);
  SimFlows& there = nodes_[*node]->flows_of();
  if (const SyncRecord* record = there.find(port)) {
    // Of an earlier life of this port, and this node was not yet told of the present one.
    if (record->order() != flow.order && (flow.split || !flow.known[*node]))
      return there.close(port), flows_.erase(port), ++young_, std::nullopt;
    if (record->backend_port != flow.backend)
      return fmt::format("connection {} of order ({}, {}) was with backend {}, and node {} sends it to {} by order ({}, {})", port,
                         static_cast<unsigned>(flow.order.term), static_cast<std::uint64_t>(flow.order.incarnation), flow.backend, *node,
                         record->backend_port, record->term, record->incarnation);
    there.see(port, static_cast<std::uint8_t>(1U << engine_() % 7));
    if (engine_() % 8 == 0) there.close(port), flows_.erase(port);
    return std::nullopt;
  }
  if (flow.known[*node] && !flow.split) return fmt::format("node {} has forgotten connection {}, which it knew", *node, port);
  ++young_;
  if (!flow.derivable) return flows_.erase(port), std::nullopt;
  ++adopted_;
  flow.known = {};
  flow.order = there.open(port, static_cast<GroupId>(flow.group), nodes_[*node]->term(flow.group), first_candidate(port)).order();
  return std::nullopt;
}

void Clients::note_who_knows() {
  for (auto& [port, flow] : flows_) {
    flow.split = flow.split || is_split(flow.group);
    for (std::size_t node = 0; node < 2; ++node) {
      const SyncRecord* record = nodes_[node]->alive() ? nodes_[node]->flows_of().find(port) : nullptr;
      if (record == nullptr) continue;
      if (record->order() == flow.order && record->backend_port == flow.backend) flow.known[node] = true;
      else flow.split = true;  // a word of an earlier life of this port is still about
    }
  }
}

void Clients::watch_splits() {
  for (std::size_t group = 0; group < kGroups; ++group)
    if (nodes_[0]->serves(group) && nodes_[1]->serves(group)) split_until_[group] = now_ + 300ms;
}

std::optional<std::string> Clients::act(Instant now) {
  now_ = now;
  watch_splits();
  if (resting_) return std::nullopt;
  note_who_knows();
  const auto port = static_cast<std::uint16_t>(engine_() % kPorts);
  const auto at = flows_.find(port);
  if (at != flows_.end()) return speak(port, at->second);
  open(port);
  return std::nullopt;
}

void Clients::node_forgot(std::size_t node) {
  for (auto& [port, flow] : flows_) flow.known[node] = false;
}

std::optional<std::string> Clients::compare_tables() const {
  const auto &first = nodes_[0]->flows_of().table(), &second = nodes_[1]->flows_of().table();
  const auto same = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.order() == b.second.order() && a.second.backend_port == b.second.backend_port &&
           a.second.seen == b.second.seen;
  };
  const auto [a, b] = std::mismatch(first.begin(), first.end(), second.begin(), second.end(), same);
  if (a == first.end() && b == second.end()) return std::nullopt;
  const auto text = [](const auto& at, const auto& table) {
    if (at == table.end()) return std::string{"nothing"};
    const SyncRecord& record = at->second;
    return fmt::format("{} of order ({}, {}) to {}, seen {:x}", at->first, record.term, record.incarnation, record.backend_port,
                       record.seen);
  };
  return fmt::format("the tables of {} and {} connections differ after a quiet time: {}; {}", first.size(), second.size(), text(a, first),
                     text(b, second));
}

}  // namespace tandem::sim
