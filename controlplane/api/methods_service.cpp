// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/describe.h"
#include "controlplane/api/lookup.h"
#include "controlplane/api/methods.h"

namespace tandem {
namespace {

api::Json timeouts_of(const Timeouts& timeouts) {
  return {{"half_open_seconds", timeouts.half_open},
          {"established_seconds", timeouts.established},
          {"fin_seconds", timeouts.fin},
          {"time_wait_seconds", timeouts.time_wait},
          {"reset_seconds", timeouts.reset},
          {"udp_one_way_seconds", timeouts.udp_one_way},
          {"udp_two_way_seconds", timeouts.udp_two_way}};
}

void show(const CallPtr& call, NodeState& node) {
  const api::Answer<const config::Service*> service = find_service(node, call->text_or("service", ""));
  if (!service) return call->fail(service.error());
  api::Json out = describe(**service, node, node.sample(), true);
  out["timeouts"] = timeouts_of((*service)->timeouts);
  out["slow_start_seconds"] = std::chrono::duration<double>((*service)->slow_start).count();
  call->reply(out);
}

}  // namespace

void add_service_methods(Server& server, NodeState& node) {
  server.handle("service.list", [&node](const CallPtr& call) { call->reply(describe_services(node, node.sample(), false)); });
  server.handle("service.show", [&node](const CallPtr& call) { show(call, node); });
}

}  // namespace tandem
