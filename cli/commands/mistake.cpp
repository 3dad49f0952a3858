// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/mistake.h"

#include <algorithm>
#include <vector>

#include <CLI/CLI.hpp>

#include "controlplane/config/suggest.h"

namespace tandem::cli {
namespace {

using api::Exit;
using api::Failure;

std::string name_of(const CLI::App& app) {
  if (app.get_parent() == nullptr) return {};
  const std::string above = name_of(*app.get_parent());
  return above.empty() ? app.get_name() : above + " " + app.get_name();
}

std::string help_of(const CLI::App& app) {
  const std::string name = name_of(app);
  return "see tandemctl " + name + (name.empty() ? "-h" : " -h");
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(each->get_name());
  return names;
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent())
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string suggestion(const std::string& written, const std::vector<std::string>& known) {
  const std::vector<std::string_view> words{known.begin(), known.end()};
  return config::did_you_mean(written, words);
}

Failure wrong_word(const CLI::App& at, const std::string& word) {
  const std::string where = name_of(at);
  const std::string behind = where.empty() ? "" : " of " + where;
  if (word.starts_with("-")) {
    const std::string hint = suggestion(word.substr(0, word.find('=')), flags_of(at));
    return {Exit::usage, "unknown flag \"" + word + "\"" + (where.empty() ? "" : " for " + where), hint.empty() ? help_of(at) : hint};
  }
  const std::vector<std::string> verbs = verbs_of(at);
  if (verbs.empty()) return {Exit::usage, "unexpected word \"" + word + "\" behind " + where, help_of(at)};
  const std::string hint = suggestion(word, verbs);
  return {Exit::usage, (where.empty() ? "unknown command \"" : "unknown verb \"") + word + "\"" + behind,
          hint.empty() ? help_of(at) : hint};
}

Failure missing_verb(const CLI::App& at) {
  std::string verbs;
  for (const std::string& name : verbs_of(at)) verbs.append(verbs.empty() ? "" : ", ").append(name);
  const std::string where = name_of(at);
  return {Exit::usage, (where.empty() ? "a command is missing: " : where + " needs a verb: ") + verbs, help_of(at)};
}

}  // namespace

Failure explain_mistake(const CLI::App& root, const CLI::App& at, const std::string& said) {
  const std::vector<std::string> left = root.remaining(true);
  if (!left.empty()) return wrong_word(at, left.front());
  if (!verbs_of(at).empty()) return missing_verb(at);
  const std::string where = name_of(at);
  return {Exit::usage, where.empty() ? said : where + ": " + said, help_of(at)};
}

}  // namespace tandem::cli
