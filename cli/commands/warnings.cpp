// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/commands/warning_line.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::Warning;

Cell overlay_cell(const Warning& warning) {
  return warning.overlay ? Cell{"#" + std::to_string(*warning.overlay), std::to_string(*warning.overlay)} : Cell{""};
}

const Columns<Warning>& columns() {
  static const Columns<Warning> all{
      {"OBJECT", "object", [](const Warning& w) { return Cell{w.object}; }},
      {"WARNING", "text", [](const Warning& w) { return Cell{w.text}; }},
      {"SINCE", "since",
       [](const Warning& w) {
         return Cell{local_time(w.since), w.since};
       }},
      {"OVERLAY", "overlay", overlay_cell},
  };
  return all;
}

std::string draw(const Json& data, const Look& look) {
  const auto warnings = data.get<std::vector<Warning>>();
  if (warnings.empty() && look.format != Format::plain) return "no warnings\n";
  return table(columns(), warnings, look);
}

}  // namespace

std::string warning_line(const Warning& warning, Moment now) {
  std::string out = warning.object + " " + warning.text;
  if (!warning.since.empty()) out += " since " + local_clock(warning.since, now);
  if (warning.overlay) out += "     overlay #" + std::to_string(*warning.overlay);
  return out;
}

void add_warnings(Tree& tree) {
  tree.verb("warnings", "What somebody should look at.", R"(  tandemctl warnings
  tandemctl warnings -o json | jq '.data | length')")
      .run([](Session& session) { return show(session, {.method = "warnings.list", .draw = draw}); });
}

}  // namespace tandem::cli
