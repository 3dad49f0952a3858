// SPDX-License-Identifier: Apache-2.0
// conn.kill: a scan as conn.list makes, and an order for each connection that matches. Each is ended by the node that owns it; the other
// one's copy follows, so that no shadow revives it.
#include "controlplane/api/conn_filter.h"
#include "controlplane/api/methods.h"

namespace tandem {
namespace {

struct Killing {
  CallPtr call;
  ConnFilter filter;
  api::Killed killed{};
  std::vector<ConnRecord> of_peer{};
};

void order(Killing& killing, NodeState& node, const ConnRecord& record) {
  ++killing.killed.matched;
  switch (node.cut(record)) {
    case NodeState::Cut::here:
      ++killing.killed.here;
      return;
    case NodeState::Cut::at_peer:
      killing.of_peer.push_back(record);
      return;
    case NodeState::Cut::busy:
      ++killing.killed.missed;
      return;
  }
}

void take(Killing& killing, NodeState& node, const ConnNames& names, const std::vector<FoundConnection>& found) {
  for (const FoundConnection& each : found)
    if (killing.filter.matches(each, names.describe(each))) order(killing, node, each.record);
}

void answer(const Killing& killing, std::optional<api::Failure> failure) {
  if (!failure && killing.killed.missed > 0)
    failure = api::Failure{api::Exit::partly_done, std::to_string(killing.killed.missed) + " connections were not reached", "say it again"};
  if (!failure) return killing.call->reply(killing.killed);
  failure->details = killing.killed;
  killing.call->fail(*failure);
}

void finish(const std::shared_ptr<Killing>& killing, NodeState& node) {
  killing->killed.at_peer = killing->of_peer.size();
  node.events().add(Severity::warning, "killed", "connections",
                    std::to_string(killing->killed.here + killing->killed.at_peer) + " connections are ended by order",
                    killing->call->peer().user, killing->call->text_or("reason", ""));
  node.cut_at_peer(killing->of_peer, [killing](const std::optional<api::Failure>& peer) { answer(*killing, peer); });
}

// A filter that matches everything has to be said: a word that was forgotten is no wish.
bool says_which(const CallPtr& call) {
  const auto filter = call->params().find("filter");
  return filter != call->params().end() && filter->is_object() && !filter->empty();
}

void kill(const CallPtr& call, NodeState& node) {
  if (!says_which(call)) return call->fail({api::Exit::usage, "filter: which connections?", "'age>0s' matches all"});
  api::Answer<ConnFilter> filter = ConnFilter::read(call->params());
  if (!filter) return call->fail(filter.error());
  auto killing = std::make_shared<Killing>(Killing{call, std::move(*filter)});
  const auto names = std::make_shared<ConnNames>(node);
  node.scan(
      [killing, names, &node](const std::vector<FoundConnection>& found, const NodeState::Next& next) {
        take(*killing, node, *names, found);
        next(killing->call->connected());
      },
      [killing, &node](const Result<>& done) {
        if (!done) return killing->call->fail({api::Exit::timed_out, done.error().message});
        finish(killing, node);
      });
}

}  // namespace

void add_conn_kill(Server& server, NodeState& node) {
  server.handle("conn.kill", [&node](const CallPtr& call) { kill(call, node); });
}

}  // namespace tandem
