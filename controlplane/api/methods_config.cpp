// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/methods.h"
#include "controlplane/config/diff.h"
#include "controlplane/config/load.h"

namespace tandem {
namespace {

api::Json row_of(const config::Diagnostic& each) {
  return {
      {"file", each.file}, {"line", each.place.line}, {"column", each.place.column},    {"code", std::string{config::info(each.code).name}},
      {"text", each.text}, {"hint", each.note},       {"source_line", each.source_line}};
}

std::string file_of(const Call& call) { return call.text_or("file", "configuration"); }

// A node.toml or pair.toml is read with the other part that is in force.
config::ReadOutcome read_text(const Call& call, const NodeState& node) {
  return config::load_beside(node.config_text(), call.text_or("text", ""), file_of(call));
}

void check(const CallPtr& call, const NodeState& node) {
  const config::ReadOutcome read = read_text(*call, node);
  api::Json errors = api::Json::array(), warnings = api::Json::array();
  for (const config::Diagnostic& each : read.diagnostics) (each.is_error() ? errors : warnings).push_back(row_of(each));
  call->reply({{"errors", errors}, {"warnings", warnings}});
}

// What the other node has otherwise in the part that both share.
void diff_with_peer(const CallPtr& call, NodeState& node) {
  node.peer_config([call, &node](const api::Answer<std::string>& text) {
    if (!text) return call->fail(text.error());
    const config::ReadOutcome read =
        config::load_beside(node.config_text(), config::cut(*text, config::Part::pair), config::file_of(config::Part::pair));
    if (!read.config) return call->fail({api::Exit::failed, "the peer's pair.toml is not one that could be in force here", ""});
    std::vector<api::ConfigChange> changes;
    for (const config::Change& change : config::diff(node.config(), *read.config))
      changes.push_back({change.path, change.before, change.after});
    call->reply({{"changes", changes}});
  });
}

void diff(const CallPtr& call, NodeState& node) {
  if (call->flag("peer")) return diff_with_peer(call, node);
  const config::ReadOutcome read = read_text(*call, node);
  if (!read.config) return call->fail({api::Exit::bad_configuration, file_of(*call) + " has errors", "tandemctl config check shows them"});
  std::vector<api::ConfigChange> changes;
  for (const config::Change& change : config::diff(node.config(), *read.config))
    changes.push_back({change.path, change.before, change.after});
  call->reply({{"changes", changes}});
}

void answer(const CallPtr& call, const api::Answer<InForce>& done) {
  if (!done) return call->fail(done.error());
  api::Json out = done->applied;
  if (!done->peer.empty()) out["peer"] = done->peer;
  call->reply(out);
}

NodeState::AppliedDone answer_to(const CallPtr& call) {
  return [call](const api::Answer<InForce>& done) { answer(call, done); };
}

bool here_alone(const Call& call) { return call.text_or("node", "") == "local"; }

void apply(const CallPtr& call, NodeState& node) {
  const ConfigWish wish{call->text_or("text", ""), file_of(*call), call->number_or("confirm_seconds", 0), call->peer().user,
                        call->text_or("reason", "")};
  if (!here_alone(*call)) return node.apply_on_both(wish, answer_to(call));
  answer(call, NodeState::here(node.apply(wish.text, wish.file, wish.confirm_seconds, wish.user, wish.reason)));
}

}  // namespace

void add_config_methods(Server& server, NodeState& node) {
  server.handle("config.check", [&node](const CallPtr& call) { check(call, node); });
  server.handle("config.diff", [&node](const CallPtr& call) { diff(call, node); });
  server.handle("config.apply", [&node](const CallPtr& call) { apply(call, node); });
  server.handle("config.confirm", [&node](const CallPtr& call) {
    if (here_alone(*call)) return answer(call, NodeState::here(node.confirm(call->peer().user)));
    node.confirm_on_both(call->peer().user, answer_to(call));
  });
  server.handle("config.rollback", [&node](const CallPtr& call) {
    const std::string hash = call->text_or("hash", "");
    if (here_alone(*call)) return answer(call, NodeState::here(node.rollback(hash, call->peer().user)));
    node.rollback_on_both(hash, call->peer().user, answer_to(call));
  });
  server.handle("config.history", [&node](const CallPtr& call) { call->reply(node.history()); });
}

}  // namespace tandem
