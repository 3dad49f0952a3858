// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/tree.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "cli/commands/help.h"
#include "cli/commands/mistake.h"

namespace tandem::cli {
namespace {

constexpr const char* kExamples = R"(  tandemctl status                                  am I serving, what changed last
  tandemctl backend drain web/web-1 --wait 10m      take a server out without losing a connection
  tandemctl config check /etc/tandem                what is wrong with a configuration)";

// The one that was named last: where the parser stood.
CLI::App& deepest(CLI::App& app) {
  CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

}  // namespace

Verb& Verb::word(std::string& into, const std::string& name, const std::string& text, bool required) {
  app_.add_option(name, into, text)->required(required);
  return *this;
}

Verb& Verb::words(std::vector<std::string>& into, const std::string& name, const std::string& text, bool required) {
  app_.add_option(name, into, text)->required(required)->expected(1, 10'000);
  return *this;
}

Verb& Verb::option(std::string& into, const std::string& flag, const std::string& value, const std::string& text) {
  app_.add_option(flag, into, text)->type_name(value)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  return *this;
}

Verb& Verb::flag(bool& into, const std::string& flag, const std::string& text) {
  app_.add_flag(flag, into, text);
  return *this;
}

Verb Noun::verb(const std::string& name, const std::string& text, const std::string& examples) {
  return tree_.add_verb(app_, name, text, examples);
}

Noun Noun::noun(const std::string& name, const std::string& plural, const std::string& text, const std::string& examples) {
  return tree_.add_noun(app_, name, plural, text, examples);
}

Tree::Tree() : app_{std::make_unique<CLI::App>("Looks at and steers a Tandem node.", "tandemctl")} {
  app_->formatter(std::make_shared<HelpFormatter>());
  app_->footer(kExamples);
  app_->require_subcommand(1);
  app_->fallthrough();
  app_->set_help_flag("-h,--help", "show what a command does, with examples");
  app_->set_version_flag("-V,--version", std::string{"tandemctl "} + TANDEM_VERSION, "show the version of tandemctl itself");
  add_globals();
}

Tree::~Tree() = default;

void Tree::add_globals() {
  Action unused;
  Verb all{*app_, unused};
  all.option(globals_.socket, "-s,--socket", "PATH", std::string{"the daemon's socket (TANDEM_SOCKET, else "} + kDefaultSocket + ")")
      .option(globals_.output, "-o,--output", "FORM", "table, wide, plain (tab-separated), json or jsonl")
      .flag(globals_.json, "--json", "the same as -o json")
      .option(globals_.node, "--node", "WHICH", "of a pair: local, peer (asked through this node) or both; for commands that only look")
      .option(globals_.timeout, "--timeout", "DUR", "how long to wait for an answer (10s)")
      .flag(globals_.yes, "-y,--yes", "do not ask")
      .option(globals_.reason, "--reason", "TEXT", "why, for events and colleagues")
      .flag(globals_.no_header, "--no-header", "leave the heading of tables out")
      .option(globals_.color, "--color", "WHEN", "auto, always or never")
      .flag(globals_.quiet, "-q,--quiet", "no messages but errors")
      .flag(globals_.verbose, "-v,--verbose", "show each request");
  // Its value is optional, so it is a flag that takes one behind '=': `--watch web` must not swallow the next word.
  app_->add_flag("-w,--watch", globals_.watch, "show it again and again, every 2 s or --watch=SEC")->type_name("[=SEC]");
}

Verb Tree::add_verb(CLI::App& parent, const std::string& name, const std::string& text, const std::string& examples) {
  CLI::App& app = *parent.add_subcommand(name, text);
  app.footer(examples);
  return Verb{app, actions_[&app]};
}

Verb Tree::verb(const std::string& name, const std::string& text, const std::string& examples) {
  return add_verb(*app_, name, text, examples);
}

Noun Tree::noun(const std::string& name, const std::string& plural, const std::string& text, const std::string& examples) {
  return add_noun(*app_, name, plural, text, examples);
}

Noun Tree::add_noun(CLI::App& parent, const std::string& name, const std::string& plural, const std::string& text,
                    const std::string& examples) {
  CLI::App& app = *parent.add_subcommand(name, text)->alias(plural);
  app.footer(examples);
  app.require_subcommand(1);
  return Noun{*this, app};
}

Answer<Tree::Parsed> Tree::parse(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes words from the back
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return Parsed{app_->help(), {}, {}};
  } catch (const CLI::CallForVersion& version) {
    return Parsed{std::string{version.what()} + "\n", {}, {}};
  } catch (const CLI::Error& error) {
    return tl::unexpected{explain_mistake(*app_, deepest(*app_), error.what())};
  }
  return Parsed{{}, actions_[&deepest(*app_)], globals_};
}

}  // namespace tandem::cli
