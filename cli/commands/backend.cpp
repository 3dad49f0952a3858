// SPDX-License-Identifier: Apache-2.0
// backend list and show; backend_change.cpp has the verbs that change something.
#include <fnmatch.h>

#include <algorithm>

#include "cli/commands/backend_change.h"
#include "cli/commands/backend_columns.h"
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

bool is_pattern(const std::string& name) { return name.find_first_of("*?[/") != std::string::npos; }

// "web" and "we*" are services, "web/web-*" is backends.
bool matches(const std::string& pattern, const Json& backend) {
  const std::string service = backend.value("service", ""), name = backend.value("name", "");
  const std::string whole = pattern.find('/') == std::string::npos ? service : service + "/" + name;
  return fnmatch(pattern.c_str(), whole.c_str(), 0) == 0;
}

Answer<void> keep_matching(Json& backends, const std::string& pattern) {
  Json kept = Json::array();
  for (const Json& each : backends)
    if (matches(pattern, each)) kept.push_back(each);
  if (kept.empty()) return refuse(Exit::no_such_object, pattern + ": no such backend", "see tandemctl backend list");
  backends = std::move(kept);
  return {};
}

std::string draw(const Json& data, const Look& look, bool several) {
  return table(backend_columns(several), data.get<std::vector<api::Backend>>(), look);
}

Outcome list(Session& session, const std::string& which) {
  Query query{.method = "backend.list"};
  if (is_pattern(which)) query.keep = [which](Json& data) { return keep_matching(data, which); };
  else if (!which.empty()) query.params = {{"service", which}};
  const bool several = which.empty() || is_pattern(which);
  query.draw = [several](const Json& data, const Look& look) { return draw(data, look, several); };
  return show(session, query);
}

std::string closed_text(const api::Backend& backend) {
  std::string out;
  for (const auto& [how, count] : backend.closed) out.append(out.empty() ? "" : ", ").append(grouped(count)).append(" ").append(how);
  return out;
}

std::string lent_text(const api::Backend& backend) {
  return backend.lent_connections_total == 0 ? "" : ", " + grouped(backend.lent_connections_total) + " lent as a fallback";
}

// What clients' connections met, and what the service makes of it if it looks.
std::string openings_of(const api::Backend& backend) {
  std::string out = grouped(backend.unanswered_syns_total) + " not answered";
  if (backend.answered_connections_total + backend.refused_connections_total > 0)
    out += ", " + grouped(backend.refused_connections_total) + " refused, " + grouped(backend.answered_connections_total) + " answered";
  if (backend.recent_openings > 0)
    out += "; of the last " + grouped(backend.recent_openings) + " failed " + grouped(backend.recent_failures);
  if (backend.suspect) out += ": suspect";
  if (backend.advised_checks_total > 0) out += ", " + grouped(backend.advised_checks_total) + " checks asked for it";
  return out;
}

std::string draw_one(const Json& data, const Look& look) {
  const api::Backend b = data.get<api::Backend>();
  if (look.format == Format::plain) return draw(Json::array({data}), look, true);
  return render(
      Facts{{"backend", Cell{full_name(b)}},
            {"address", Cell{address_of(b)}},
            {"state", Cell{b.state + " for " + coarse(b.since_seconds) + (b.eligible ? ", takes" : ", does not take") + " new connections",
                           tone_of(b.state)}},
            {"check", Cell{b.check_state == "none" ? "none configured" : check_of(b), tone_of(b.check_state)}},
            {"decided by", Cell{decided_of(b)}},
            {"weight", Cell{raw(b.weight) + " (configured " + raw(b.configured_weight) + "), " + percent(b.share) + " of the service"}},
            {"overlay", Cell{b.overlay ? "#" + std::to_string(*b.overlay) + ", see tandemctl overlay list" : "none"}},
            {"new", Cell{compact(b.new_connections_per_second) + "/s, " + grouped(b.new_connections_total) + " in all, " +
                         grouped(b.exceptions_total) + " exceptions" + lent_text(b)}},
            {"connections", Cell{grouped(b.active_connections)}},
            {"closed", Cell{closed_text(b)}},
            {"openings", Cell{openings_of(b), b.suspect ? Tone::bad : Tone::plain}},
            {"received", Cell{grouped(b.received_packets) + " packets, " + bytes(static_cast<double>(b.received_bytes))}},
            {"transmitted", Cell{grouped(b.transmitted_packets) + " packets, " + bytes(static_cast<double>(b.transmitted_bytes))}}},
      look);
}

}  // namespace

void add_backend(Tree& tree) {
  Noun noun = tree.noun("backend", "backends", "Backends: the servers behind a service, named SERVICE/BACKEND.",
                        R"(  tandemctl backend list web
  tandemctl backend drain web/web-1 --wait 10m --reason "kernel update"
  tandemctl backend enable web/web-1)");
  const auto which = std::make_shared<std::string>();
  noun.verb("list", "Backends of one service, of those that match, or of all.", R"(  tandemctl backend list web
  tandemctl backend list 'web*/*-1'
  tandemctl backend list -o plain --no-header | awk -F'\t' '$4 != "up"')")
      .word(*which, "SERVICE", "a service, or a pattern of SERVICE/BACKEND", false)
      .run([which](Session& session) { return list(session, *which); });
  const auto name = std::make_shared<std::string>();
  noun.verb("show", "All that is known of one backend.", R"(  tandemctl backend show web/web-1
  tandemctl backend show web/web-1 --watch)")
      .word(*name, "BACKEND", "SERVICE/BACKEND")
      .run([name](Session& session) {
        return show(session, {.method = "backend.show", .params = {{"backend", *name}}, .draw = draw_one});
      });
  add_backend_changes(noun);
}

}  // namespace tandem::cli
