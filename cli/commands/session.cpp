// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/session.h"

#include "cli/render/envelope.h"
#include "cli/render/safe_text.h"

namespace tandem::cli {

Session::Session(Surroundings& world, Options options)
    : world_{world},
      options_{std::move(options)},
      connection_{options_.socket, options_.timeout, options_.verbose ? &world.err : nullptr} {}

Answer<Json> Session::call(const std::string& method, const Json& params) {
  Answer<Json> answer = connection_.call(method, params);
  if (answer && !for_programs()) return printable_json(*answer);
  return answer;
}

Answer<Json> Session::stream(const std::string& method, const Json& params, bool forever, const Connection::Handle& handle) {
  const bool clean = !for_programs();
  Answer<Json> end = connection_.stream(
      method, params, forever, [&](const Json& event) { return handle(clean ? printable_json(event) : event) && !world_.interrupted(); });
  if (end && world_.interrupted()) return refuse(Exit::interrupted, "interrupted");
  return end;
}

void Session::print(const std::string& text) { world_.out << text << std::flush; }

void Session::print_json(const std::string& method, const Json& data, const Json& summary) {
  if (look().format == Format::jsonl) return print(json_lines(data));
  const bool indented = world_.out_is_terminal && !options_.watch;
  print(render(Envelope{method, node(), world_.wall(), {}, data, summary}, indented));
}

void Session::say(const std::string& line) {
  if (!options_.quiet) world_.err << line << "\n" << std::flush;
}

std::string Session::node() {
  if (!node_.empty()) return node_;
  const Answer<Json> version = connection_.call("version", Json::object());
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
