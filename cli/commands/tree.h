// SPDX-License-Identifier: Apache-2.0
// The words of the command line: nouns, verbs, their flags, their help. CLI11 is seen by tree.cpp and help.cpp alone.
// Options a verb fills belong to the verb's action, which shares them: make them with std::make_shared.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands/session.h"

namespace CLI {
class App;
}

namespace tandem::cli {

using Action = std::function<Outcome(Session&)>;

class Verb {
 public:
  Verb(CLI::App& app, Action& action) : app_{app}, action_{action} {}

  Verb& word(std::string& into, const std::string& name, const std::string& text, bool required = true);
  Verb& words(std::vector<std::string>& into, const std::string& name, const std::string& text, bool required = true);
  Verb& option(std::string& into, const std::string& flag, const std::string& value, const std::string& text);
  Verb& flag(bool& into, const std::string& flag, const std::string& text);
  void run(Action action) { action_ = std::move(action); }

 private:
  CLI::App& app_;
  Action& action_;
};

class Tree;

class Noun {
 public:
  Noun(Tree& tree, CLI::App& app) : tree_{tree}, app_{app} {}
  Verb verb(const std::string& name, const std::string& text, const std::string& examples);
  Noun noun(const std::string& name, const std::string& plural, const std::string& text, const std::string& examples);

 private:
  Tree& tree_;
  CLI::App& app_;
};

class Tree {
 public:
  Tree();
  ~Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  Verb verb(const std::string& name, const std::string& text, const std::string& examples);
  Noun noun(const std::string& name, const std::string& plural, const std::string& text, const std::string& examples);

  struct Parsed {
    std::string help;  // not empty: to be printed, and that is all
    Action action;
    GlobalWords globals;
  };
  Answer<Parsed> parse(std::vector<std::string> arguments);

 private:
  friend class Noun;
  Verb add_verb(CLI::App& parent, const std::string& name, const std::string& text, const std::string& examples);
  Noun add_noun(CLI::App& parent, const std::string& name, const std::string& plural, const std::string& text, const std::string& examples);
  void add_globals();

  GlobalWords globals_;
  std::unique_ptr<CLI::App> app_;
  std::map<const CLI::App*, Action> actions_;
};

}  // namespace tandem::cli
