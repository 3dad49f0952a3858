// SPDX-License-Identifier: Apache-2.0
// One command on its way: the daemon it asks, and where its answer goes.
#pragma once

#include <string>
#include <vector>

#include "cli/client/connection.h"
#include "cli/commands/options.h"
#include "cli/commands/surroundings.h"

namespace tandem::cli {

using api::Answer;
using api::Exit;
using api::Failure;
using api::Json;
using Outcome = Answer<Exit>;

class Session {
 public:
  Session(Surroundings& world, Options options);

  Surroundings& world() { return world_; }
  const Options& options() const { return options_; }
  const Look& look() const { return options_.look; }
  bool for_programs() const { return is_json(look().format); }

  // Answers meant for people come with every text made printable. With --node peer the other node answers.
  Answer<Json> call(const std::string& method, const Json& params = Json::object());
  Answer<Json> call_peer(const std::string& method, Json params = Json::object());  // whatever --node says
  void turn_to(Which node);                                                         // of --node both
  Answer<Json> stream(const std::string& method, const Json& params, bool forever, const Connection::Handle& handle);

  void print(const std::string& text);  // data
  void print_json(const std::string& method, const Json& data, const Json& summary = nullptr);
  void say(const std::string& line);   // a message, unless --quiet
  void warn(const std::string& line);  // the same, and for programs beside the data
  std::string node();                  // name of the node that answers; empty when it does not tell

  // Asks when somebody is there to answer; otherwise refuses, unless --yes.
  Answer<void> confirm(const std::string& question);

 private:
  Answer<Json> addressed(const std::string& method, Json params) const;

  Surroundings& world_;
  Options options_;
  Connection connection_;
  std::string node_;
  Which asked_ = Which::usual;
  std::vector<std::string> warnings_;
};

// What reading an answer of the wrong shape throws becomes a sentence.
template <typename Task>
auto reading(Task task) -> decltype(task()) {
  try {
    return task();
  } catch (const nlohmann::json::exception& e) {
    return refuse(Exit::version_mismatch, std::string{"tandemd's answer is not what this tandemctl understands: "} + e.what(),
                  "compare versions: tandemctl version --check");
  }
}

}  // namespace tandem::cli
