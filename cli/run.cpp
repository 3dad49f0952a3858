// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <exception>

#include "cli/commands/commands.h"
#include "cli/commands/report.h"
#include "cli/commands/tree.h"

namespace tandem::cli {
namespace {

bool colours_errors(const Surroundings& world, const std::string& when) {
  if (when == "always" || when == "never") return when == "always";
  return world.err_is_terminal && world.variable("NO_COLOR").empty() && world.variable("TERM") != "dumb";
}

Outcome run_command(const Tree::Parsed& parsed, Surroundings& world) {
  const Answer<Options> options = read_options(parsed.globals, world);
  if (!options) return tl::unexpected{options.error()};
  Session session{world, *options};
  const Outcome outcome = parsed.action(session);
  world.out.flush();
  if (outcome && !world.out) return refuse(Exit::failed, "the answer could not be written: is the disk full?");
  return outcome;
}

int run_parsed(const Tree::Parsed& parsed, Surroundings& world) {
  if (!parsed.help.empty()) {
    world.out << parsed.help << std::flush;
    return 0;
  }
  const Outcome outcome = run_command(parsed, world);
  return outcome ? static_cast<int>(*outcome) : report(outcome.error(), world.err, colours_errors(world, parsed.globals.color));
}

}  // namespace

int run(const std::vector<std::string>& arguments, Surroundings& world) {
  try {
    Tree tree;
    add_commands(tree);
    const Answer<Tree::Parsed> parsed = tree.parse(arguments);
    return parsed ? run_parsed(*parsed, world) : report(parsed.error(), world.err, colours_errors(world, {}));
  } catch (const std::exception& e) {
    return report({Exit::failed, std::string{"this should not happen: "} + e.what(), {}}, world.err, false);
  }
}

}  // namespace tandem::cli
