// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/config_file.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::ConfigChange;
using api::ConfigVersion;

// "+" came, "-" went, "~" is another.
std::string change_line(const ConfigChange& change, const Look& look) {
  if (look.format == Format::plain) return change.path + "\t" + change.before + "\t" + change.after + "\n";
  if (change.before.empty()) return paint("+ " + change.path + " = " + change.after, Tone::good, look) + "\n";
  if (change.after.empty()) return paint("- " + change.path + " = " + change.before, Tone::bad, look) + "\n";
  return paint("~ " + change.path + ": " + change.before + " → " + change.after, Tone::warn, look) + "\n";
}

std::string change_lines(const std::vector<ConfigChange>& changes, const Look& look) {
  if (changes.empty() && look.format != Format::plain) return "nothing changes\n";
  std::string out;
  for (const ConfigChange& change : changes) out += change_line(change, look);
  return out;
}

std::string applied_line(const api::Applied& applied, const std::string& peer, const std::string& done) {
  const std::string there = peer.empty() ? "" : " here and on " + peer;
  return "configuration " + applied.config_hash + " " + done + there + ", generation " + std::to_string(applied.generation) + "\n";
}

Outcome diff_with_peer(Session& session) {
  return show(session, {.method = "config.diff", .params = {{"peer", true}}, .draw = [](const Json& data, const Look& look) {
                          return change_lines(data.at("changes").get<std::vector<ConfigChange>>(), look);
                        }});
}

Outcome diff(Session& session, const std::string& path) {
  if (path.empty()) return refuse(Exit::usage, "config diff: expected FILE, DIR, or --peer");

  const Answer<ConfigFile> file = read_good_file(session, path);
  if (!file) return tl::unexpected{file.error()};
  return show(
      session,
      {.method = "config.diff", .params = {{"text", file->text}, {"file", file->file}}, .draw = [](const Json& data, const Look& look) {
         return change_lines(data.at("changes").get<std::vector<ConfigChange>>(), look);
       }});
}

// Here and not on the other node: what it is now, and then what is missing.
Outcome print_applied(Session& session, const std::string& method, const Answer<Json>& answer, const std::string& done) {
  if (!answer && answer.error().exit == Exit::partly_done && answer.error().details.is_object()) {
    const Outcome printed = print_applied(session, method, answer.error().details, done);
    return printed ? Outcome{tl::unexpected{answer.error()}} : printed;
  }
  if (!answer) return tl::unexpected{answer.error()};
  return reading([&]() -> Outcome {
    const api::Applied applied = answer->get<api::Applied>();
    if (session.for_programs()) session.print_json(method, *answer);
    else if (session.look().format == Format::plain) session.print(applied.config_hash + "\t" + std::to_string(applied.generation) + "\n");
    else
      session.print((answer->contains("changes") ? change_lines(applied.changes, session.look()) : "") +
                    applied_line(applied, answer->value("peer", ""), done));
    return Exit::ok;
  });
}

Outcome apply(Session& session, const std::string& path, const std::string& confirm) {
  Json params = Json::object();
  if (!confirm.empty()) {
    const auto trial = read_duration("--confirm", confirm);
    if (!trial) return tl::unexpected{trial.error()};
    params["confirm_seconds"] = std::chrono::duration<double>(*trial).count();
  }
  const Answer<ConfigFile> file = read_good_file(session, path);
  if (!file) return tl::unexpected{file.error()};
  params["text"] = file->text, params["file"] = file->file;
  if (!session.options().reason.empty()) params["reason"] = session.options().reason;
  const Answer<Json> answer = session.call("config.apply", params);
  if (!answer) show_details(session, file->file, answer.error().details);
  const Outcome outcome = print_applied(session, "config.apply", answer, confirm.empty() ? "is in force" : "is on trial");
  if (outcome && !confirm.empty())
    session.say("The one before comes back in " + two_units(params["confirm_seconds"].get<double>()) +
                " unless you run: tandemctl config confirm");
  return outcome;
}

Outcome confirm(Session& session) { return print_applied(session, "config.confirm", session.call("config.confirm"), "is kept"); }

Outcome rollback(Session& session, const std::string& hash) {
  const std::string question =
      "This brings back " + (hash.empty() ? std::string{"the configuration before this one."} : "configuration " + hash + ".");
  if (const Answer<void> sure = session.confirm(question); !sure) return tl::unexpected{sure.error()};
  Json params = Json::object();
  if (!hash.empty()) params["hash"] = hash;
  if (!session.options().reason.empty()) params["reason"] = session.options().reason;
  return print_applied(session, "config.rollback", session.call("config.rollback", params), "is back in force");
}

const Columns<ConfigVersion>& history_columns() {
  static const Columns<ConfigVersion> all{
      {"CONFIG", "config_hash", [](const ConfigVersion& v) { return Cell{v.config_hash}; }},
      {"IN FORCE", "current",
       [](const ConfigVersion& v) {
         return Cell{v.current ? "yes" : "", v.current ? "true" : "false", Tone::good};
       }},
      {"TIME", "time",
       [](const ConfigVersion& v) {
         return Cell{local_time(v.time), v.time};
       }},
      {"USER", "user", [](const ConfigVersion& v) { return Cell{v.user}; }},
      {"REASON", "reason", [](const ConfigVersion& v) { return Cell{v.reason}; }},
  };
  return all;
}

void add_reading(Noun& noun) {
  const auto checked = std::make_shared<std::string>(), compared = std::make_shared<std::string>();
  noun.verb("check", "What is wrong with a file or directory; needs no daemon. Exit 8 when it has errors.",
            R"(  tandemctl config check tandem.toml
  tandemctl config check /etc/tandem -o json | jq '.data.errors')")
      .word(*checked, "FILE|DIR", "a file, or a directory that holds tandem.toml, or node.toml and pair.toml")
      .run([checked](Session& session) { return check_file(session, *checked); });
  const auto peer = std::make_shared<bool>();
  noun.verb("diff", "What a file would change; or what the other node of a pair has otherwise.",
            R"(  tandemctl config diff /etc/tandem/tandem.toml
  tandemctl config diff --peer                      in force here → in force there)")
      .word(*compared, "FILE|DIR", "a file, or a directory that holds tandem.toml, or node.toml and pair.toml", false)
      .flag(*peer, "--peer", "what the other node has otherwise, of what both share")
      .run([compared, peer](Session& session) { return *peer ? diff_with_peer(session) : diff(session, *compared); });
  noun.verb("history", "The last ten configurations.", R"(  tandemctl config history
  tandemctl config rollback $(tandemctl config history -o plain --no-header | sed -n 2p | cut -f1))")
      .run([](Session& session) {
        return show(session, {.method = "config.history", .draw = [](const Json& data, const Look& look) {
                                return table(history_columns(), data.get<std::vector<ConfigVersion>>(), look);
                              }});
      });
}

void add_changing(Noun& noun) {
  const auto path = std::make_shared<std::string>(), trial = std::make_shared<std::string>(), hash = std::make_shared<std::string>();
  noun.verb("apply", "Makes a file the configuration in force; an error in it changes nothing.",
            R"(  tandemctl config apply /etc/tandem/tandem.toml --reason "two more servers"
  tandemctl config apply new.toml --confirm 60s && tandemctl config confirm)")
      .word(*path, "FILE|DIR", "a file, or a directory that holds tandem.toml, or node.toml and pair.toml")
      .option(*trial, "--confirm", "DUR", "on trial: the one before comes back unless `config confirm` arrives in time")
      .run([path, trial](Session& session) { return apply(session, *path, *trial); });
  noun.verb("confirm", "Keeps what was applied on trial.", R"(  tandemctl config confirm)").run([](Session& session) {
    return confirm(session);
  });
  noun.verb("rollback", "Brings an earlier configuration back.", R"(  tandemctl config rollback                         the one before
  tandemctl config rollback 9f31c2 --yes --reason "too many resets")")
      .word(*hash, "HASH", "from config history; else the one before", false)
      .run([hash](Session& session) { return rollback(session, *hash); });
}

}  // namespace

void add_config(Tree& tree) {
  Noun noun = tree.noun("config", "configs", "The configuration: check, compare, apply, go back.", R"(  tandemctl config check tandem.toml
  tandemctl config apply tandem.toml --confirm 60s
  tandemctl config rollback)");
  add_reading(noun), add_changing(noun);
}

}  // namespace tandem::cli
