// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/describe.h"
#include "controlplane/api/lookup.h"
#include "controlplane/api/methods.h"

namespace tandem {
namespace {

void list(const CallPtr& call, NodeState& node) {
  const std::string service = call->text_or("service", "");
  if (!service.empty())
    if (const auto found = find_service(node, service); !found) return call->fail(found.error());
  call->reply(describe_checks(node, service));
}

void run(const CallPtr& call, NodeState& node) {
  const api::Answer<std::vector<BackendRow*>> rows = find_backends(node, {call->text_or("backend", "")});
  if (!rows) return call->fail(rows.error());
  const BackendRow& row = *rows->front();
  if (row.check == CheckState::none)
    return call->fail({api::Exit::refused, row.service + "/" + row.name + ": has no check",
                       "give service " + row.service + " a check in the configuration"});
  const bool asked = node.run_check(row.service, row.name,
                                    [call](const api::Answer<api::CheckRun>& run) { run ? call->reply(*run) : call->fail(run.error()); });
  if (!asked) call->fail({api::Exit::unreachable, "tandem-healthd is not connected, so nobody can check", "start tandem-healthd"});
}

}  // namespace

void add_check_methods(Server& server, NodeState& node) {
  server.handle("check.list", [&node](const CallPtr& call) { list(call, node); });
  server.handle("check.run", [&node](const CallPtr& call) { run(call, node); });
}

}  // namespace tandem
