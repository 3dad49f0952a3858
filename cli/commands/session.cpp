// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/session.h"

#include "cli/render/envelope.h"
#include "cli/render/safe_text.h"
#include "common/api/methods.h"

namespace tandem::cli {

Session::Session(Surroundings& world, Options options)
    : world_{world},
      options_{std::move(options)},
      connection_{options_.socket, options_.timeout, options_.verbose ? &world.err : nullptr},
      asked_{options_.node} {}

void Session::turn_to(Which node) {
  if (asked_ != node) node_.clear();
  asked_ = node;
}

// What is changed at run time holds on both nodes in any case; a configuration may be put in force on this one alone.
Answer<Json> Session::addressed(const std::string& method, Json params) const {
  const api::Method* known = api::find_method(method);
  const bool reads = known != nullptr && known->rights == api::Rights::read;
  if (asked_ == Which::usual || (reads && asked_ == Which::local)) return params;
  if (!reads && asked_ == Which::local && method.starts_with("config.")) return params["node"] = "local", params;
  if (!reads) return refuse(Exit::usage, method + ": --node is for commands that only look", "a change holds on both nodes");
  if (asked_ == Which::both) return refuse(Exit::usage, "--node both: not for this command", "--node local, then --node peer");
  params["node"] = "peer";
  return params;
}

Answer<Json> Session::call_peer(const std::string& method, Json params) {
  params["node"] = "peer";
  Answer<Json> answer = connection_.call(method, params);
  if (answer && !for_programs()) return printable_json(*answer);
  return answer;
}

Answer<Json> Session::call(const std::string& method, const Json& params) {
  const Answer<Json> to = addressed(method, params);
  if (!to) return to;
  Answer<Json> answer = connection_.call(method, *to);
  if (answer && !for_programs()) return printable_json(*answer);
  return answer;
}

Answer<Json> Session::stream(const std::string& method, const Json& params, bool forever, const Connection::Handle& handle) {
  const bool clean = !for_programs();
  const Answer<Json> to = addressed(method, params);
  if (!to) return to;
  Answer<Json> end = connection_.stream(
      method, *to, forever, [&](const Json& event) { return handle(clean ? printable_json(event) : event) && !world_.interrupted(); });
  if (end && world_.interrupted()) return refuse(Exit::interrupted, "interrupted");
  return end;
}

void Session::print(const std::string& text) { world_.out << text << std::flush; }

void Session::print_json(const std::string& method, const Json& data, const Json& summary) {
  if (look().format == Format::jsonl) return print(json_lines(data));
  const bool indented = world_.out_is_terminal && !options_.watch;
  print(render(Envelope{method, node(), world_.wall(), warnings_, data, summary}, indented));
}

void Session::say(const std::string& line) {
  if (!options_.quiet) world_.err << line << "\n" << std::flush;
}

void Session::warn(const std::string& line) {
  say(line);
  warnings_.push_back(line);
}

std::string Session::node() {
  if (!node_.empty()) return node_;
  const Json to = asked_ == Which::peer ? Json{{"node", "peer"}} : Json::object();
  const Answer<Json> version = connection_.call("version", to);
  if (version && version->is_object() && version->contains("node") && (*version)["node"].is_string()) node_ = (*version)["node"];
  return node_;
}

Answer<void> Session::confirm(const std::string& question) {
  if (options_.yes) return {};
  if (!world_.in_is_terminal) return refuse(Exit::refused, question + " Nobody is here to ask.", "Use --yes to do it anyway.");
  world_.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(world_.in, answer);
  if (world_.interrupted()) return refuse(Exit::interrupted, "interrupted; nothing was changed");
  if (answer == "y" || answer == "yes") return {};
  return refuse(Exit::refused, "not confirmed; nothing was changed");
}

}  // namespace tandem::cli
