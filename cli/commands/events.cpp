// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "cli/commands/commands.h"
#include "cli/commands/event_line.h"
#include "cli/commands/query.h"
#include "cli/render/envelope.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

// One event and whose it is.
struct Event : api::Event {
  std::string node;
};

void from_json(const Json& in, Event& out) { out = {in.get<api::Event>(), in.value("node", "")}; }

struct Wanted {
  std::string since, kinds, limit;
  bool follow = false;
};

Columns<Event> columns(bool nodes) {
  Columns<Event> all{
      {"TIME", "time",
       [](const Event& e) {
         return Cell{local_time(e.time), e.time};
       }},
      {"SEVERITY", "severity", [](const Event& e) { return state_cell(e.severity); }},
      {"KIND", "kind", [](const Event& e) { return Cell{e.kind}; }},
      {"WHAT", "object",
       [](const Event& e) {
         return Cell{event_text(e), e.object};
       }},
      {"", "user", [](const Event& e) { return Cell{e.user}; }, Shown::plain_only},
      {"", "reason", [](const Event& e) { return Cell{e.reason}; }, Shown::plain_only},
      {"", "text", [](const Event& e) { return Cell{e.text}; }, Shown::plain_only},
      {"", "node", [](const Event& e) { return Cell{e.node}; }, Shown::plain_only},
  };
  if (nodes) all.insert(all.begin() + 1, {"NODE", "node", [](const Event& e) { return Cell{e.node}; }, Shown::table_only});
  return all;
}

Answer<Json> params_of(const Wanted& wanted) {
  Json params = Json::object();
  if (!wanted.since.empty()) {
    const auto since = read_duration("--since", wanted.since);
    if (!since) return tl::unexpected{since.error()};
    params["since_seconds"] = std::chrono::duration<double>(*since).count();
  }
  if (!wanted.limit.empty() || wanted.since.empty()) {
    const Answer<std::uint64_t> limit = read_number("--limit", wanted.limit.empty() ? wanted.follow ? "10" : "100" : wanted.limit);
    if (!limit) return tl::unexpected{limit.error()};
    params["limit"] = *limit;
  }
  std::istringstream kinds{wanted.kinds};
  for (std::string kind; std::getline(kinds, kind, ',');) params["kind"].push_back(kind);
  return params;
}

std::string draw(const Json& data, const Look& look) {
  const auto events = data.get<std::vector<Event>>();
  if (events.empty() && look.format != Format::plain) return "no events\n";
  const bool several = std::any_of(events.begin(), events.end(), [&](const Event& each) { return each.node != events.front().node; });
  return table(columns(several), events, look);
}

// A line an event, as they come: columns cannot wait for the widest.
void print_event(Session& session, const Json& event) {
  if (session.for_programs()) return session.print(json_line(event));
  Look look = session.look();
  look.header = false;
  session.print(draw(Json::array({event}), look));
}

bool asks_both(const Session& session) { return session.options().node == Which::usual || session.options().node == Which::both; }

// Both nodes' by time, the newest last. A node alone has no other to ask; a peer that does not answer is said.
Answer<void> merge(Session& session, const Json& params, Json& data) {
  const Answer<Json> theirs = session.call_peer("events.list", params);
  if (!theirs && theirs.error().exit == Exit::no_such_object) return {};
  if (!theirs) return tl::unexpected{theirs.error()};
  data.insert(data.end(), theirs->begin(), theirs->end());
  std::stable_sort(data.begin(), data.end(), [](const Json& a, const Json& b) { return a.value("time", "") < b.value("time", ""); });
  const std::size_t limit = params.value("limit", data.size());
  if (data.size() > limit) data.erase(data.begin(), data.end() - static_cast<std::ptrdiff_t>(limit));
  return {};
}

Answer<Json> past(Session& session, const Json& params) {
  if (!asks_both(session)) return session.call("events.list", params);
  session.turn_to(Which::local);
  Answer<Json> ours = session.call("events.list", params);
  if (!ours) return ours;
  if (const Answer<void> merged = merge(session, params, *ours); !merged) {
    if (session.options().node == Which::both) return tl::unexpected{merged.error()};
    session.warn("These are of " + session.node() + " alone: " + merged.error().message);
  }
  return ours;
}

Outcome list(Session& session, const Json& params) {
  if (!asks_both(session) || session.options().watch) return show(session, {.method = "events.list", .params = params, .draw = draw});
  const Answer<Json> events = past(session, params);
  if (!events) return tl::unexpected{events.error()};
  return reading([&]() -> Outcome {
    if (session.for_programs()) session.print_json("events.list", *events);
    else session.print(draw(*events, session.look()));
    return Exit::ok;
  });
}

Outcome follow(Session& session, const Json& params) {
  const Answer<Json> before = past(session, params);
  if (!before) return tl::unexpected{before.error()};
  Json now = Json::object();
  if (asks_both(session)) now["node"] = "both";
  if (params.contains("kind")) now["kind"] = params["kind"];
  return reading([&]() -> Outcome {
    for (const Json& event : *before) print_event(session, event);
    const Answer<Json> end = session.stream("events.follow", now, true, [&](const Json& event) {
      print_event(session, event);
      return static_cast<bool>(session.world().out);
    });
    if (!end) return tl::unexpected{end.error()};
    return Exit::ok;
  });
}

Outcome events(Session& session, const Wanted& wanted) {
  const Answer<Json> params = params_of(wanted);
  if (!params) return tl::unexpected{params.error()};
  return wanted.follow ? follow(session, *params) : list(session, *params);
}

}  // namespace

std::string event_text(const api::Event& event) {
  std::string out = event.object.empty() ? event.text : event.object + " " + event.text;
  if (!event.user.empty()) out += ", by " + event.user;
  if (!event.reason.empty()) out += " (" + event.reason + ")";
  return out;
}

void add_events(Tree& tree) {
  const auto wanted = std::make_shared<Wanted>();
  tree.verb("events", "What happened, newest last; of a pair on both nodes.", R"(  tandemctl events --since 1h
  tandemctl events --node local
  tandemctl events --follow --kind backend,config
  tandemctl events --follow -o jsonl | jq .text)")
      .flag(wanted->follow, "-f,--follow", "go on with what happens from now")
      .option(wanted->since, "--since", "DUR", "of the last 10m, 1h, 2d")
      .option(wanted->kinds, "--kind", "LIST", "only these kinds, separated by commas")
      .option(wanted->limit, "--limit", "N", "at most so many, the newest (100 without --since)")
      .run([wanted](Session& session) { return events(session, *wanted); });
}

}  // namespace tandem::cli
