// SPDX-License-Identifier: Apache-2.0
// deny.add, deny.del, allow.add, allow.del. Each is on disk and with the workers before it is answered; the other node is told at
// once, and when it is away, as soon as it is back: whoever adds a million entries by a script never asks again.
#include <algorithm>

#include "controlplane/api/describe.h"
#include "controlplane/api/guard_words.h"
#include "controlplane/api/methods.h"
#include "controlplane/guard/line.h"

namespace tandem {
namespace {

constexpr std::size_t kShownEntries = 100;

std::vector<guard::Entry> entries_of(const GuardWish& wish, const Call& call, NodeState& node) {
  const auto author = std::make_shared<const guard::Author>(
      guard::Author{guard::plain_text(call.peer().user), guard::plain_text(call.text_or("reason", "")), node.config().node.name});
  const config::WallTime now = config::wall_now();
  const std::optional<config::WallTime> ends = wish.lasts && !wish.takes_back ? std::optional{now + *wish.lasts} : std::nullopt;
  std::vector<guard::Entry> entries;
  for (const Prefix& prefix : wish.prefixes)
    entries.push_back({{wish.service, prefix, wish.verdict}, {.gone = wish.takes_back, .time = now, .ends = ends, .author = author}});
  return entries;
}

// "denied: 198.51.100.66/32 and 4 more, for 4h": one event a command, however many it names.
std::string event_text(const GuardWish& wish) {
  const std::string verb = wish.takes_back ? "no longer " : "";
  std::string text = verb + (wish.verdict == guard::Verdict::deny ? "denied: " : "allowed: ") + to_string(wish.prefixes.front());
  if (wish.prefixes.size() > 1) text += " and " + std::to_string(wish.prefixes.size() - 1) + " more";
  if (wish.lasts && !wish.takes_back) text += ", for " + std::to_string(wish.lasts->count()) + " s";
  return text;
}

api::GuardChange answer_for(const GuardWish& wish, NodeState& node) {
  api::GuardChange out;
  out.changed = wish.prefixes.size(), out.refused = wish.refused, out.peer_silence = node.peer_silence();
  if (wish.takes_back || wish.prefixes.size() > kShownEntries) return out;
  for (const Prefix& prefix : wish.prefixes) {
    const guard::Place place{wish.service, prefix, wish.verdict};
    if (const guard::Word* word = node.guard().book().find(place)) out.entries.push_back(describe_guard_entry(place, *word, node));
  }
  return out;
}

void change(const CallPtr& call, NodeState& node) {
  const api::Answer<GuardWish> wish = read_guard_wish(*call, node);
  if (!wish) return call->fail(wish.error());
  if (!wish->prefixes.empty()) {
    if (const Result<> said = node.guard().say(entries_of(*wish, *call, node)); !said)
      return call->fail({api::Exit::failed, "the change could not be written, so it was not made: " + said.error().message});
    node.events().add(Severity::info, "guard", wish->service.empty() ? "all services" : "service " + wish->service, event_text(*wish),
                      call->peer().user, call->text_or("reason", ""));
  }
  call->reply(answer_for(*wish, node));
}

}  // namespace

void add_guard_methods(Server& server, NodeState& node) {
  for (const char* verb : {"deny.add", "deny.del", "allow.add", "allow.del"})
    server.handle(verb, [&node](const CallPtr& call) { change(call, node); });
  add_guard_list_methods(server, node);
}

}  // namespace tandem
