// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/help.h"

namespace tandem::cli {
namespace {

std::string full_name(const CLI::App* app) {
  return app->get_parent() == nullptr ? app->get_name() : full_name(app->get_parent()) + " " + app->get_name();
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
  std::string out = app->get_description() + "\n\nExamples:\n" + app->get_footer() + "\n\n";
  out += make_usage(app, std::move(name)) + make_positionals(app) + make_groups(app, mode) + make_subcommands(app, mode);
  if (app->get_parent() != nullptr) out += "\nFlags for every command: tandemctl -h\n";
  return out;
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string) const {
  std::string out = "Usage: " + full_name(app);
  for (const CLI::Option* option : app->get_options([](const CLI::Option* each) { return each->get_positional(); }))
    out += " " + make_option_usage(option);
  if (!app->get_subcommands({}).empty()) out += app->get_parent() == nullptr ? " COMMAND …" : " VERB …";
  return out + " [FLAGS]\n";
}

std::string HelpFormatter::make_option_usage(const CLI::Option* option) const {
  const std::string name = option->get_name() + (option->get_items_expected_max() > 1 ? "…" : "");
  return option->get_required() ? name : "[" + name + "]";
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  return option->get_positional()                                                   ? std::string{}
         : option->get_type_name().starts_with("[")                                 ? option->get_type_name()
         : option->get_type_name().empty() || option->get_items_expected_max() == 0 ? std::string{}
                                                                                    : " " + option->get_type_name();
}

}  // namespace tandem::cli
