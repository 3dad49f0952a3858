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

void diff(const CallPtr& call, NodeState& node) {
  const config::ReadOutcome read = read_text(*call, node);
  if (!read.config) return call->fail({api::Exit::bad_configuration, file_of(*call) + " has errors", "tandemctl config check shows them"});
  std::vector<api::ConfigChange> changes;
  for (const config::Change& change : config::diff(node.config(), *read.config))
    changes.push_back({change.path, change.before, change.after});
  call->reply({{"changes", changes}});
}

void answer(const CallPtr& call, const api::Answer<api::Applied>& applied) {
  applied ? call->reply(*applied) : call->fail(applied.error());
}

}  // namespace

void add_config_methods(Server& server, NodeState& node) {
  server.handle("config.check", [&node](const CallPtr& call) { check(call, node); });
  server.handle("config.diff", [&node](const CallPtr& call) { diff(call, node); });
  server.handle("config.apply", [&node](const CallPtr& call) {
    answer(call, node.apply(call->text_or("text", ""), file_of(*call), call->number_or("confirm_seconds", 0), call->peer().user,
                            call->text_or("reason", "")));
  });
  server.handle("config.confirm", [&node](const CallPtr& call) { answer(call, node.confirm(call->peer().user)); });
  server.handle("config.rollback",
                [&node](const CallPtr& call) { answer(call, node.rollback(call->text_or("hash", ""), call->peer().user)); });
  server.handle("config.history", [&node](const CallPtr& call) { call->reply(node.history()); });
}

}  // namespace tandem
