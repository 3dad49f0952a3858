// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/guard_list.h"

#include "cli/render/durations.h"
#include "cli/render/envelope.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::GuardEntry;

const Columns<GuardEntry>& columns() {
  static const Columns<GuardEntry> all{
      {"PREFIX", "prefix", [](const GuardEntry& e) { return Cell{e.prefix}; }},
      {"SERVICE", "service",
       [](const GuardEntry& e) {
         return Cell{e.service.empty() ? "all" : e.service, e.service};
       }},
      {"ENDS IN", "ttl_seconds",
       [](const GuardEntry& e) {
         return e.ttl_seconds ? Cell{two_units(*e.ttl_seconds), raw(*e.ttl_seconds)} : Cell{""};
       }},
      {"USER", "user", [](const GuardEntry& e) { return Cell{e.user}; }},
      {"NODE", "node", [](const GuardEntry& e) { return Cell{e.node}; }, Shown::wide},
      {"SINCE", "time",
       [](const GuardEntry& e) {
         return Cell{local_time(e.time), e.time};
       }},
      {"REASON", "reason", [](const GuardEntry& e) { return Cell{e.reason}; }},
      {"NOTE", "state",
       [](const GuardEntry& e) {
         return Cell{e.state == "in force" ? "" : e.state, e.state, Tone::warn};
       }},
  };
  return all;
}

}  // namespace

Outcome list_guard(Session& session, const std::string& method, const GuardQuery& wanted) {
  const Answer<std::uint64_t> limit = read_number("--limit", wanted.limit);
  if (!limit) return tl::unexpected{limit.error()};
  Json params{{"limit", *limit}};
  if (!wanted.prefix.empty()) params["prefix"] = wanted.prefix;
  if (!wanted.service.empty()) params["service"] = wanted.service;
  return reading([&]() -> Outcome {
    Json rows = Json::array();
    const Answer<Json> end = session.stream(method, params, false, [&](const Json& event) {
      rows.push_back(event);
      return true;
    });
    if (!end) return tl::unexpected{end.error()};
    if (session.for_programs()) session.print_json(method, rows, *end);
    else session.print(table(columns(), rows.get<std::vector<GuardEntry>>(), session.look()));
    if (!session.for_programs()) session.say(grouped(rows.size()) + " of " + grouped(end->value("matched", rows.size())) + " shown");
    return Exit::ok;
  });
}

}  // namespace tandem::cli
