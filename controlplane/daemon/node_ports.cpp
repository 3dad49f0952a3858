// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/node_ports.h"

#include <algorithm>

namespace tandem {
namespace {

std::optional<PortState> find_port(const Dataplane& dataplane, const std::string& name) {
  for (PortState& state : dataplane.ports())
    if (state.name == name) return std::move(state);
  return std::nullopt;
}

api::PortTrait& line_of(api::PortCard& card, const ProbeRow& row) {
  const auto same = std::ranges::find(card.traits, row.what, &api::PortTrait::what);
  if (same != card.traits.end()) return *same;
  return card.traits.emplace_back(api::PortTrait{.what = row.what, .asked = row.expected});
}

template <typename T>
T at_or_none(const std::vector<T>& by_port, PortId port) {
  return index(port) < by_port.size() ? by_port[index(port)] : T{};
}

}  // namespace

api::PortCard card_of(const PortState& state) {
  api::PortCard card{.name = state.name, .device = state.device, .driver = state.driver, .note = state.note};
  for (const PortTrait& trait : state.traits) card.traits.push_back({trait.what, trait.asked, trait.device, "", trait.met ? "ok" : "less"});
  return card;
}

void add_sights(api::PortCard& card, const ProbeReport& report) {
  card.right = report.by.has_value();
  if (!report.by) {
    card.traits.push_back({.what = "a frame to its MAC", .asked = "comes from another port", .seen = "none came", .verdict = "unseen"});
    return;
  }
  for (const ProbeRow& row : report.rows) {
    api::PortTrait& line = line_of(card, row);
    line.seen = row.seen;
    if (!row.right) line.verdict = "wrong", card.right = false;
    else if (line.verdict.empty()) line.verdict = "ok";
  }
}

std::vector<std::string> NodePorts::ports() const {
  std::vector<std::string> names;
  for (const PortState& state : dataplane_.ports()) names.push_back(state.name);
  return names;
}

api::PortCard NodePorts::card(const std::string& port) const {
  const std::optional<PortState> state = find_port(dataplane_, port);
  return state ? card_of(*state) : api::PortCard{};
}

api::PortCard NodePorts::verify(const VerifyWish& wish) {
  const std::optional<PortState> state = find_port(dataplane_, wish.port), by = find_port(dataplane_, wish.by);
  if (!state) return {};
  const PortSurroundings around = around_();
  const ProbeReport report = dataplane_.probe({.port = state->id,
                                               .by = by ? std::optional{by->id} : std::nullopt,
                                               .vip = around.vip,
                                               .macs = at_or_none(around.macs, state->id),
                                               .vlans = at_or_none(around.vlans, state->id)});
  api::PortCard card = card_of(*state);
  add_sights(card, report);
  for (const PortState& each : dataplane_.ports())
    if (report.by == each.id) card.by = each.name;
  events_.add(Severity::info, "port", "port " + wish.port, card.right ? "verified with packets" : "verified with packets: not as asked",
              wish.user, wish.reason);
  return card;
}

}  // namespace tandem
