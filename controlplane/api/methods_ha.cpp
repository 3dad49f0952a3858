// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "controlplane/api/methods.h"

namespace tandem {
namespace {

constexpr double kLongestWaitSeconds = 60, kLongestHoldSeconds = 24 * 3600;

api::Failure no_pair() { return {api::Exit::no_such_object, "this node is not one of a pair", "give it [[group]] sections and [sync]"}; }

void fail_over(const CallPtr& call, NodeState& node) {
  if (!node.ha().configured) return call->fail(no_pair());
  const std::string group = call->text_or("group", "");
  const double wait = std::clamp(call->number_or("wait_seconds", 5), 0.1, kLongestWaitSeconds);
  node.fail_over({group, call->flag("force"), wait, call->peer().user, call->text_or("reason", "")},
                 [call](const api::Answer<api::Ha>& done) { done ? call->reply(*done) : call->fail(done.error()); });
}

void hold(const CallPtr& call, NodeState& node) {
  if (!node.ha().configured) return call->fail(no_pair());
  const double seconds = call->number_or("seconds", 0);
  if (seconds <= 0 || seconds > kLongestHoldSeconds)
    return call->fail({api::Exit::usage, "a hold lasts between 1s and 24h", "a forgotten hold is the next outage: ha hold --for 30m"});
  node.hold_roles(seconds, call->peer().user, call->text_or("reason", ""));
  call->reply(node.ha());
}

void resume(const CallPtr& call, NodeState& node) {
  if (!node.ha().configured) return call->fail(no_pair());
  node.hold_roles(0, call->peer().user, call->text_or("reason", ""));
  call->reply(node.ha());
}

void resync(const CallPtr& call, NodeState& node) {
  if (!node.ha().configured) return call->fail(no_pair());
  if (!node.ha().sync.on) return call->fail({api::Exit::refused, "connections are not synced", "give [sync] a key: tandemctl pair init"});
  node.resync(call->peer().user, call->text_or("reason", ""));
  call->reply(node.ha());
}

}  // namespace

void add_ha_methods(Server& server, NodeState& node) {
  server.handle("ha.status", [&node](const CallPtr& call) { call->reply(node.ha()); });
  server.handle("sync.status", [&node](const CallPtr& call) { call->reply(node.ha()); });
  server.handle("ha.failover", [&node](const CallPtr& call) { fail_over(call, node); });
  server.handle("ha.hold", [&node](const CallPtr& call) { hold(call, node); });
  server.handle("sync.resync", [&node](const CallPtr& call) { resync(call, node); });
  server.handle("ha.resume", [&node](const CallPtr& call) { resume(call, node); });
}

}  // namespace tandem
