// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/describe.h"
#include "controlplane/api/methods.h"

namespace tandem {

void add_status_methods(Server& server, NodeState& node) {
  server.handle("version", [&node](const CallPtr& call) { call->reply(node.version()); });
  server.handle("status", [&node](const CallPtr& call) { call->reply(describe_status(node, node.sample())); });
  server.handle("warnings.list", [&node](const CallPtr& call) { call->reply(describe_warnings(node)); });
  server.handle("drops.list", [&node](const CallPtr& call) { call->reply(describe_drops(node, node.sample())); });
  server.handle("port.list", [&node](const CallPtr& call) { call->reply(node.sample().ports); });
  server.handle("source.list", [&node](const CallPtr& call) { call->reply(node.sample().sources); });
  server.handle("worker.list", [&node](const CallPtr& call) { call->reply(node.sample().workers); });
  server.handle("overlay.list", [&node](const CallPtr& call) {
    api::Json out = api::Json::array();
    for (const config::OverlayEntry& entry : node.overlay().entries()) {
      out.push_back(describe_entry(entry, node.config()));
      out.back()["node"] = entry.node;  // where it was said
    }
    call->reply(out);
  });
  server.handle("stats.snapshot", [&node, &server](const CallPtr& call) {
    api::Snapshot snapshot = describe_snapshot(node);
    snapshot.requests = server.requests();
    api::Count sum = 0;
    for (const api::Count each : server.duration_buckets()) snapshot.request_duration_buckets.push_back(sum += each);
    snapshot.request_duration_sum_seconds = server.duration_sum_seconds();
    call->reply(snapshot);
  });
}

}  // namespace tandem
