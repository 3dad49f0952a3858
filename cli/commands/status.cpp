// SPDX-License-Identifier: Apache-2.0
// status answers first: am I serving, what is wrong, what changed last.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/event_line.h"
#include "cli/commands/query.h"
#include "cli/commands/service_columns.h"
#include "cli/commands/warning_line.h"
#include "cli/render/durations.h"
#include "cli/render/safe_text.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

constexpr std::ptrdiff_t kNewest = 5;

// std::format pads bytes; these lines hold "µ".
std::string padded(std::string text, std::size_t width) { return text.append(width > cells(text) ? width - cells(text) : 1, ' '); }

std::string head(const api::Status& status, const Look& look) {
  const std::string serving = status.serving ? "SERVING" : "NOT SERVING";
  const std::string state = serving + (status.state == "ok" ? "" : ", " + status.state);
  std::string out = paint(status.node, Tone::heading, look) + "  " + paint(state, tone_of(status.serving ? status.state : "down"), look);
  out += fmt::format("      uptime {}    config {}", brief(status.uptime_seconds), status.config_hash.substr(0, 6));
  if (!status.hugepages) out += "    4 KiB pages";
  out += "\n";
  for (const std::string& reason : status.reasons) out += "  " + paint(reason, tone_of(status.state), look) + "\n";
  return out;
}

std::string rates(const api::Status& status) {
  const auto row = [](const char* name, const std::string& now, const std::string& peak, const std::string& more) {
    return padded(name, 18) + padded(now, 15) + padded(peak, 15) + more + "\n";
  };
  const auto rate = [](double value) { return three_digits(value) + "/s"; };
  const double used = status.connections_capacity == 0
                          ? 0
                          : static_cast<double>(status.connections_entries) / static_cast<double>(status.connections_capacity);
  // "3.21 M/s": the prefix belongs to the unit.
  return padded("", 18) + padded("now", 15) + "1 min peak\n" +
         row("packets in", rate(status.now.packets_per_second), rate(status.peak.packets_per_second),
             "drops   " + rate(status.now.drops_per_second)) +
         row("new connections", rate(status.now.new_connections_per_second), rate(status.peak.new_connections_per_second),
             "tracked " + grouped(status.connections_entries) + " of " + grouped(status.connections_capacity) + " (" + percent(used) +
                 ")") +
         fmt::format("{}{}, busiest {}, worst loop {}\n", padded("workers", 18), status.workers, percent(status.busiest_ratio),
                     precise(status.worst_loop_seconds));
}

// "lb-b: " where events are of both nodes.
std::string whose(const Json& event, const std::string& node) {
  const std::string other = event.value("node", node);
  return other == node ? "" : other + ": ";
}

// The five newest of both nodes; a node alone, or one whose peer does not answer, has its own.
void add_peers_events(Session& session, Json& status) {
  const Answer<Json> theirs = session.call_peer("events.list", {{"limit", kNewest}});
  if (!theirs || !theirs->is_array() || !status.contains("events") || !status["events"].is_array()) return;
  Json& events = status["events"];
  for (Json& event : events) event["node"] = status.value("node", "");
  events.insert(events.end(), theirs->begin(), theirs->end());
  std::stable_sort(events.begin(), events.end(), [](const Json& a, const Json& b) { return a.value("time", "") > b.value("time", ""); });
  if (events.size() > static_cast<std::size_t>(kNewest)) events.erase(events.begin() + kNewest, events.end());
}

std::string section(const char* title, const Look& look) { return paint(title, Tone::heading, look) + "\n"; }

std::string draw(const Json& data, const Look& look, Moment now) {
  const api::Status status = data.get<api::Status>();
  if (look.format == Format::plain) return table(service_columns(), status.services, look);
  std::string out = head(status, look) + rates(status) + table(service_columns(), status.services, look);
  if (!status.warnings.empty()) out += section("WARNINGS", look);
  for (const api::Warning& warning : status.warnings) out += "  " + warning_line(warning, now) + "\n";
  if (!status.events.empty()) out += section("LAST CHANGES", look);
  for (std::size_t i = 0; i < status.events.size(); ++i)
    out +=
        "  " + local_clock(status.events[i].time, now) + "  " + whose(data["events"][i], status.node) + event_text(status.events[i]) + "\n";
  return out;
}

Exit judge(const Json& data) {
  const std::string state = data.value("state", "");
  return state == "critical" ? Exit::critical : state == "degraded" ? Exit::degraded : Exit::ok;
}

}  // namespace

void add_status(Tree& tree) {
  const auto exit_code = std::make_shared<bool>();
  tree.verb("status", "Am I serving, what is wrong, what changed last.", R"(  tandemctl status
  tandemctl status --watch
  tandemctl status --exit-code >/dev/null || echo "exit $?: 10 degraded, 11 critical")")
      .flag(*exit_code, "--exit-code", "exit 10 when degraded, 11 when critical")
      .run([exit_code](Session& session) {
        Query query{.method = "status",
                    .draw = [&](const Json& data, const Look& look) { return draw(data, look, session.world().wall()); }};
        if (*exit_code) query.judge = judge;
        if (session.options().node == Which::usual)
          query.keep = [&session](Json& data) -> Answer<void> { return add_peers_events(session, data), Answer<void>{}; };
        return show(session, query);
      });
}

}  // namespace tandem::cli
