// SPDX-License-Identifier: Apache-2.0
// The pair: who serves what, who hears whom, and moving groups from one node to the other.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/event_line.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::Ha;
using api::HaGroup;

Cell role_cell(const HaGroup& group) {
  const std::string shown = group.active ? "ACTIVE" : group.role;
  return {fmt::format("{} prio {}", shown, group.priority), group.role, group.active ? Tone::good : Tone::plain};
}

const Columns<HaGroup>& columns() {
  static const Columns<HaGroup> all{
      {"GROUP", "name", [](const HaGroup& g) { return Cell{g.name}; }},
      {"ADDRESSES", "addresses", [](const HaGroup& g) { return count_cell(g.addresses); }},
      {"THIS NODE", "role", role_cell},
      {"PEER", "peer_role",
       [](const HaGroup& g) {
         return Cell{g.peer_role == "active" ? "ACTIVE" : g.peer_role, g.peer_role};
       }},
      {"PREFERRED", "preferred",
       [](const HaGroup& g) {
         return Cell{g.preferred ? "here" : "", g.preferred ? "true" : "false"};
       }},
      {"TERM", "term", [](const HaGroup& g) { return Cell{std::to_string(g.term)}; }, Shown::wide},
      {"SINCE", "since_seconds",
       [](const HaGroup& g) {
         return Cell{coarse(g.since_seconds), raw(g.since_seconds)};
       }},
      {"LAST CHANGE", "cause", [](const HaGroup& g) { return Cell{g.cause}; }},
      {"CONFLICTS", "conflicts", [](const HaGroup& g) { return count_cell(g.conflicts); }, Shown::wide},
  };
  return all;
}

std::string path_text(const api::HaPath& path) {
  if (path.received == 0) return path.name + " never heard";
  return fmt::format("{} {} of {} sent, last {} ago", path.name, compact(static_cast<double>(path.received)),
                     compact(static_cast<double>(path.sent)), precise(std::max(path.last_heard_seconds, 0.0)));
}

std::string peer_line(const Ha& ha, const Look& look) {
  const std::string name = ha.peer.empty() ? "the peer" : ha.peer;
  std::string out = name + " " + paint(ha.peer_up ? "is heard" : "is NOT heard", ha.peer_up ? Tone::good : Tone::bad, look);
  out += ha.elects == "vrrp" ? ", elections follow VRRP alone" : ha.in_step && ha.peer_in_step ? ", in step" : ", not in step";
  if (ha.peer_up && !ha.same_config) out += ", " + paint("runs another configuration", Tone::warn, look);
  else if (ha.peer_up && !ha.same_schedule) out += ", " + paint("schedules otherwise", Tone::warn, look);
  return out + "\n";
}

std::string foot(const Ha& ha, const Look& look) {
  std::string out = peer_line(ha, look);
  for (const api::HaPath& path : ha.paths) out += "  " + path_text(path) + "\n";
  out += fmt::format("dead after {}, every {}; this node's worst gap in the last hour was {}\n", precise(ha.dead_time_seconds),
                     precise(ha.interval_seconds), precise(ha.worst_gap_seconds));
  if (ha.keys != "agree" && ha.mode == "pair") out += "keys: " + ha.keys + "\n";
  if (ha.hold_seconds > 0) out += paint("held", Tone::warn, look) + " for " + two_units(ha.hold_seconds) + " more\n";
  for (const HaGroup& group : ha.groups)
    if (!group.refusal.empty()) out += group.name + " cannot be moved now: " + group.refusal + "\n";
  return out;
}

std::string draw(const Json& data, const Look& look) {
  const Ha ha = data.get<Ha>();
  if (!ha.configured) return look.format == Format::plain ? "" : "this node is not one of a pair\n";
  const std::string groups = table(columns(), ha.groups, look);
  return look.format == Format::plain ? groups : groups + foot(ha, look);
}

void add_status(Noun& noun) {
  noun.verb("status", "Who serves which group, who hears whom, what would happen.", R"(  tandemctl ha status
  tandemctl ha status --watch)")
      .run([](Session& session) { return show(session, {.method = "ha.status", .draw = draw}); });
}

struct Wish {
  std::string group, wait;
  bool all = false, force = false;
};

Outcome fail_over(Session& session, const Wish& wish) {
  if (wish.group.empty() == !wish.all) return refuse(Exit::usage, "name a group, or --all", "tandemctl ha failover blue");
  Json params{{"group", wish.group}, {"force", wish.force}, {"reason", session.options().reason}};
  if (!wish.wait.empty()) {
    const auto wait = read_duration("--wait", wish.wait);
    if (!wait) return tl::unexpected{wait.error()};
    params["wait_seconds"] = std::chrono::duration<double>(*wait).count();
  }
  return show(session, {.method = "ha.failover", .params = params, .draw = draw});
}

void add_failover(Noun& noun) {
  const auto wish = std::make_shared<Wish>();
  noun.verb("failover", "Moves groups from this node to the other, without a loss.", R"(  tandemctl ha failover blue
  tandemctl ha failover --all --wait 10s && systemctl restart tandemd)")
      .word(wish->group, "GROUP", "this one", false)
      .flag(wish->all, "--all", "all that this node serves")
      .flag(wish->force, "--force", "also to a peer that is not in step: connections may break")
      .option(wish->wait, "--wait", "DUR", "how long to wait for it (5s)")
      .run([wish](Session& session) { return fail_over(session, *wish); });
}

void add_hold(Noun& noun) {
  const auto length = std::make_shared<std::string>();
  noun.verb("hold", "No role changes but for the other node's death, for a while.",
            R"(  tandemctl ha hold --for 30m --reason "switch upgrade")")
      .option(*length, "--for", "DUR", "how long; obligatory, because a forgotten hold is the next outage")
      .run([length](Session& session) -> Outcome {
        if (length->empty()) return refuse(Exit::usage, "--for is missing", "a forgotten hold is the next outage: ha hold --for 30m");
        const auto wanted = read_duration("--for", *length);
        if (!wanted) return tl::unexpected{wanted.error()};
        return show(session, {.method = "ha.hold",
                              .params = {{"seconds", std::chrono::duration<double>(*wanted).count()}, {"reason", session.options().reason}},
                              .draw = draw});
      });
  noun.verb("resume", "Ends a hold.", R"(  tandemctl ha resume)").run([](Session& session) {
    return show(session, {.method = "ha.resume", .params = {{"reason", session.options().reason}}, .draw = draw});
  });
}

const Columns<api::Event>& history_columns() {
  static const Columns<api::Event> all{
      {"TIME", "time",
       [](const api::Event& e) {
         return Cell{local_time(e.time), e.time};
       }},
      {"SEVERITY", "severity", [](const api::Event& e) { return state_cell(e.severity); }},
      {"WHAT", "object",
       [](const api::Event& e) {
         return Cell{event_text(e), e.object};
       }},
      {"", "text", [](const api::Event& e) { return Cell{e.text}; }, Shown::plain_only},
  };
  return all;
}

void add_history(Noun& noun) {
  noun.verb("history", "Every change of a role, newest last, and why.", R"(  tandemctl ha history)").run([](Session& session) {
    return show(session, {.method = "events.list",
                          .params = {{"kind", {"role", "conflict", "peer", "link", "stranger", "keys", "hold"}}},
                          .draw =
                              [](const Json& data, const Look& look) {
                                const auto events = data.get<std::vector<api::Event>>();
                                if (events.empty() && look.format != Format::plain) return std::string{"no role has changed\n"};
                                return table(history_columns(), events, look);
                              },
                          .schema = "ha.history"});
  });
}

}  // namespace

void add_ha(Tree& tree) {
  Noun noun = tree.noun("ha", "pair-status", "The pair: roles, planned failover.", R"(  tandemctl ha status
  tandemctl ha failover blue --wait 5s
  tandemctl ha hold --for 30m --reason "switch upgrade")");
  add_status(noun), add_failover(noun), add_hold(noun), add_history(noun);
}

}  // namespace tandem::cli
