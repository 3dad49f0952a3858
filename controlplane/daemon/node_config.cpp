// SPDX-License-Identifier: Apache-2.0
// Configurations that come into force while the node runs: parse, judge, build, publish, report; or change nothing.
#include <utility>

#include "controlplane/config/diff.h"
#include "controlplane/config/load.h"
#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

using config::Change;

api::Failure refused_by(const std::vector<config::Diagnostic>& diagnostics) {
  api::Json details = api::Json::array();
  for (const config::Diagnostic& each : diagnostics)
    details.push_back({{"file", each.file},
                       {"line", each.place.line},
                       {"column", each.place.column},
                       {"code", std::string{config::info(each.code).name}},
                       {"text", each.text},
                       {"hint", each.note},
                       {"source_line", each.source_line},
                       {"error", each.is_error()},
                       {"rendered", config::render(each, false)}});
  return {api::Exit::bad_configuration, "the configuration has errors; the one in force stays", "tandemctl config check shows them",
          details};
}

// Ports, workers and the way to the other node are made once; what an operator may change at any time is what both nodes share
// (services, groups, [ha]), and what ports without a twin say.
bool needs_restart(const Change& change) {
  if (change.path.starts_with("node.")) return true;
  if (change.path.starts_with("dataplane") || change.path.starts_with("sync")) return true;
  if (!change.path.starts_with("port.")) return false;
  for (const char* live : {".address", ".neighbour", ".route"})
    if (change.path.find(live) != std::string::npos) return false;
  return true;
}

std::optional<api::Failure> needs_restart(const std::vector<Change>& changes) {
  for (const Change& change : changes)
    if (needs_restart(change))
      return api::Failure{api::Exit::refused, config::to_text(change) + ": takes effect at a restart only",
                          "restart tandemd with this file; nothing was changed"};
  return std::nullopt;
}

std::vector<api::ConfigChange> shown(const std::vector<Change>& changes) {
  std::vector<api::ConfigChange> out;
  for (const Change& change : changes) out.push_back({change.path, change.before, change.after});
  return out;
}

std::string summary(const std::vector<Change>& changes) {
  if (changes.empty()) return "nothing changed";
  std::string out = config::to_text(changes.front());
  if (changes.size() > 1) out += " and " + std::to_string(changes.size() - 1) + " more";
  return out;
}

}  // namespace

api::Answer<api::Applied> Node::put_in_force(config::Config next, const std::string& text, const std::string& user,
                                             const std::string& reason) {
  const std::vector<Change> changes = config::diff(config_, next);
  if (std::optional<api::Failure> restart = needs_restart(changes)) return tl::unexpected{std::move(*restart)};
  if (const Result<> opened = open_probes(next); !opened)
    return tl::unexpected{api::Failure{api::Exit::refused, opened.error().message, "nothing was changed"}};
  if (const Result<> built = builder_->set_config(next, now()); !built)
    return tl::unexpected{api::Failure{api::Exit::bad_configuration, built.error().message, "nothing was changed"}};
  config_ = std::move(next);
  text_ = text;
  board_.configure(config_, now());
  board_.lay_over(overlay_, now());
  verdicts_.configure(config_);
  guard_.configure(config_.protect.prefixes);
  judge_backends();
  if (const Result<> published = publication_->now(); !published) publication_->soon();  // tried again until a worker lets go
  health_->configuration_changed();
  if (const Result<> kept = history_->add({0, config_.hash, config::wall_now(), user, reason}, text_); !kept)
    events_.add(Severity::warning, "history", "config", kept.error().message);
  events_.add(Severity::info, "config", "config " + config_.hash, summary(changes), user, reason);
  return api::Applied{config_.hash, generation(), shown(changes)};
}

// What would stand against it, had it to come into force now.
std::optional<api::Failure> Node::judge(const config::ReadOutcome& read) const {
  if (!read.config) return refused_by(read.diagnostics);
  if (std::optional<api::Failure> restart = needs_restart(config::diff(config_, *read.config))) return restart;
  if (const Result<> room = builder_->check_room(*read.config); !room)
    return api::Failure{api::Exit::bad_configuration, room.error().message, "nothing was changed"};
  return std::nullopt;
}

api::Answer<api::Applied> Node::apply(const std::string& text, const std::string& file, double confirm_seconds, const std::string& user,
                                      const std::string& reason) {
  return apply(config::load_beside(text_, text, file), confirm_seconds, user, reason);
}

api::Answer<api::Applied> Node::apply(config::ReadOutcome read, double confirm_seconds, const std::string& user,
                                      const std::string& reason) {
  const std::string before = text_;
  api::Answer<api::Applied> applied = read.config ? put_in_force(std::move(*read.config), read.text, user, reason)
                                                  : api::Answer<api::Applied>{tl::unexpected{refused_by(read.diagnostics)}};
  if (!applied) {
    reloads_.failed();
    events_.add(Severity::warning, "config", read.file, "refused: " + applied.error().message, user, reason);
    return applied;
  }
  reloads_.succeeded();
  trial_.cancel();
  if (confirm_seconds > 0) {
    if (!trial_before_) trial_before_ = before;
    trial_ = loop_.after(std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(confirm_seconds)),
                         [this] { take_back("the trial was not confirmed"); });
  } else {
    trial_before_.reset();
  }
  return applied;
}

void Node::take_back(const std::string& why) {
  const std::optional<std::string> before = std::exchange(trial_before_, std::nullopt);
  config::ReadOutcome read = config::load(*before, "the configuration before the trial");
  if (read.config && put_in_force(std::move(*read.config), *before, "tandemd", why)) return;
  events_.add(Severity::critical, "config", "config", "the configuration before the trial could not be put back");
}

api::Answer<api::Applied> Node::confirm(const std::string& user) {
  if (!trial_before_)
    return tl::unexpected{api::Failure{api::Exit::refused, "no configuration is on trial", "config apply --confirm 60s begins one"}};
  trial_.cancel();
  trial_before_.reset();
  events_.add(Severity::info, "config", "config " + config_.hash, "confirmed", user);
  return api::Applied{config_.hash, generation(), {}};
}

api::Answer<std::string> Node::text_of(const std::string& config_hash) const {
  const auto no_such = [](const Error& error) {
    return tl::unexpected{api::Failure{api::Exit::no_such_object, error.message, "tandemctl config history lists them"}};
  };
  const Result<config::HistoryEntry> entry = history_->find(config_hash);
  if (!entry) return no_such(entry.error());
  const Result<std::string> text = history_->text(*entry);
  if (!text) return no_such(text.error());
  return *text;
}

api::Answer<api::Applied> Node::rollback(const std::string& config_hash, const std::string& user) {
  const api::Answer<std::string> text = text_of(config_hash);
  if (!text) return tl::unexpected{text.error()};
  const std::string hash = history_->find(config_hash)->hash;
  return apply(*text, "configuration " + hash, 0, user, "rollback to " + hash);
}

std::vector<api::ConfigVersion> Node::history() const {
  std::vector<api::ConfigVersion> out;
  const std::vector<config::HistoryEntry>& entries = history_->entries();
  for (const config::HistoryEntry& entry : entries)
    out.push_back({entry.hash, config::format_time(entry.time), entry.user, entry.reason, &entry == &entries.back()});
  return out;
}

void Node::reload() {
  reload_keys();
  apply(config::load_path(options_.config), 0, "SIGHUP", "the file on disk");
}

}  // namespace tandem
