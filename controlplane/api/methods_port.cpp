// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "controlplane/api/port_desk.h"

namespace tandem {
namespace {

std::optional<api::Failure> unknown(const PortDesk& desk, const std::string& port) {
  const std::vector<std::string> known = desk.ports();
  if (std::ranges::find(known, port) != known.end()) return std::nullopt;
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  return api::Failure{api::Exit::no_such_object, port.empty() ? "name a port" : "there is no port " + port, "ports: " + names};
}

void show(const CallPtr& call, const PortDesk& desk) {
  const std::string port = call->text_or("port", "");
  if (const auto failure = unknown(desk, port)) return call->fail(*failure);
  call->reply(desk.card(port));
}

void verify(const CallPtr& call, PortDesk& desk) {
  const VerifyWish wish{call->text_or("port", ""), call->text_or("by", ""), call->peer().user, call->text_or("reason", "")};
  if (const auto failure = unknown(desk, wish.port)) return call->fail(*failure);
  if (const auto failure = wish.by.empty() ? std::nullopt : unknown(desk, wish.by)) return call->fail(*failure);
  if (const std::string busy = desk.why_busy(); !busy.empty() && !call->flag("force"))
    return call->fail({api::Exit::refused, busy + ": some hundred probes would go beside its traffic",
                       "ha failover first, or --force sends them all the same"});
  call->reply(desk.verify(wish));
}

}  // namespace

void add_port_methods(Server& server, PortDesk& desk) {
  server.handle("port.show", [&desk](const CallPtr& call) { show(call, desk); });
  server.handle("port.verify", [&desk](const CallPtr& call) { verify(call, desk); });
}

}  // namespace tandem
