// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "controlplane/api/methods.h"

namespace tandem {
namespace {

std::vector<std::string> kinds_of(const Call& call) {
  std::vector<std::string> kinds;
  const auto found = call.params().find("kind");
  if (found == call.params().end() || !found->is_array()) return kinds;
  for (const api::Json& kind : *found)
    if (kind.is_string()) kinds.push_back(kind.get<std::string>());
  return kinds;
}

bool wanted(const api::Event& event, const std::vector<std::string>& kinds) {
  return kinds.empty() || std::find(kinds.begin(), kinds.end(), event.kind) != kinds.end();
}

api::Json of_node(const api::Event& event, const NodeState& node) {
  api::Json out = event;
  out["node"] = node.config().node.name;
  return out;
}

void list(const CallPtr& call, NodeState& node) {
  const std::vector<std::string> kinds = kinds_of(*call);
  const double since = call->number_or("since_seconds", 0);
  // RFC 3339 in one zone and one width sorts as text.
  const std::string earliest = since > 0 ? rfc3339(wall_seconds() - since) : std::string{};
  std::vector<api::Json> out;
  for (const api::Event& event : node.events().events())
    if (event.time >= earliest && wanted(event, kinds)) out.push_back(of_node(event, node));
  const auto limit = static_cast<std::size_t>(std::max(0.0, call->number_or("limit", 10'000)));
  if (out.size() > limit) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(limit));
  call->reply(out);
}

void follow(const CallPtr& call, NodeState& node) {
  const std::uint64_t id = node.events().subscribe([call, &node, kinds = kinds_of(*call)](const api::Event& event) {
    if (wanted(event, kinds)) call->event(of_node(event, node));
  });
  call->on_disconnect([&node, id] { node.events().unsubscribe(id); });
}

}  // namespace

void add_event_methods(Server& server, NodeState& node) {
  server.handle("events.list", [&node](const CallPtr& call) { list(call, node); });
  server.handle("events.follow", [&node](const CallPtr& call) { follow(call, node); });
}

}  // namespace tandem
