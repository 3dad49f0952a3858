// SPDX-License-Identifier: Apache-2.0
// deny.list and allow.list: a walk over the book in portions, each once the client has read most of the one before. What changes
// meanwhile is seen or not; what stays is seen once.
#include <algorithm>

#include "controlplane/api/describe.h"
#include "controlplane/api/guard_words.h"
#include "controlplane/api/methods.h"

namespace tandem {
namespace {

constexpr std::size_t kPortion = 10'000;  // entries looked at at once: about 2 MiB of answer
constexpr double kDefaultLimit = 1000;

struct Walk {
  CallPtr call;
  NodeState& node;
  guard::Verdict verdict{};
  std::string service;
  std::optional<Prefix> around;  // entries that hold it, or lie in it
  std::size_t limit = 0;
  std::optional<guard::Place> last;
  std::uint64_t shown = 0, matched = 0;
};

bool meet(const Prefix& a, const Prefix& b) { return a.length <= b.length ? a.contains(b.address) : b.contains(a.address); }

bool is_whole(const Walk& walk) { return walk.service.empty() && !walk.around; }

void end(const Walk& walk) {
  const std::uint64_t matched = is_whole(walk) ? walk.node.guard().book().count(walk.verdict) : walk.matched;
  walk.call->end({{"shown", walk.shown}, {"matched", matched}});
}

bool matches(const Walk& walk, const guard::Place& place, const guard::Word& word) {
  if (word.gone || place.verdict != walk.verdict) return false;
  return (walk.service.empty() || place.service == walk.service) && (!walk.around || meet(place.prefix, *walk.around));
}

void go_on(const std::shared_ptr<Walk>& walk) {
  const guard::Book::Words& words = walk->node.guard().book().words();
  auto at = walk->last ? words.upper_bound(*walk->last) : words.begin();
  for (std::size_t i = 0; i < kPortion && at != words.end(); ++i, ++at) {
    walk->last = at->first;
    if (!matches(*walk, at->first, at->second)) continue;
    ++walk->matched;
    if (walk->shown == walk->limit && is_whole(*walk)) return end(*walk);
    if (walk->shown == walk->limit) continue;
    walk->call->event(describe_guard_entry(at->first, at->second, walk->node));
    ++walk->shown;
  }
  if (at == words.end()) return end(*walk);
  if (walk->call->connected()) walk->call->when_read([walk] { go_on(walk); });
}

void list(const CallPtr& call, NodeState& node) {
  const auto walk =
      std::make_shared<Walk>(Walk{call, node, call->method().starts_with("allow") ? guard::Verdict::allow : guard::Verdict::deny,
                                  call->text_or("service", ""), std::nullopt, 0, std::nullopt, 0, 0});
  walk->limit = static_cast<std::size_t>(call->number_or("limit", kDefaultLimit));
  if (const std::string text = call->text_or("prefix", ""); !text.empty()) {
    const Result<Prefix> prefix = read_denied_prefix(text);
    if (!prefix) return call->fail({api::Exit::usage, text + ": " + prefix.error().message});
    walk->around = *prefix;
  }
  go_on(walk);
}

}  // namespace

api::GuardEntry describe_guard_entry(const guard::Place& place, const guard::Word& word, NodeState& node) {
  api::GuardEntry out;
  out.list = guard::to_string(place.verdict), out.prefix = to_string(place.prefix), out.service = place.service, out.id = word.id;
  out.user = word.author->user, out.reason = word.author->reason, out.node = word.author->node, out.time = config::format_time(word.time);
  if (word.ends) {
    out.ends = config::format_time(*word.ends);
    out.ttl_seconds = static_cast<double>(std::max<std::int64_t>((*word.ends - config::wall_now()).count(), 0));
  }
  const auto& services = node.config().service;
  const bool orphaned = !place.service.empty() && std::ranges::find(services, place.service, &config::Service::name) == services.end();
  const bool overruled = place.verdict == guard::Verdict::deny && node.guard().protects(place.prefix) != nullptr;
  out.state = orphaned ? "orphaned" : overruled ? "protected" : "in force";
  return out;
}

void add_guard_list_methods(Server& server, NodeState& node) {
  for (const char* verb : {"deny.list", "allow.list"}) server.handle(verb, [&node](const CallPtr& call) { list(call, node); });
}

}  // namespace tandem
