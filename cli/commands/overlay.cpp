// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::OverlayEntry;

const Columns<OverlayEntry>& columns() {
  static const Columns<OverlayEntry> all{
      {"ID", "id", [](const OverlayEntry& e) { return Cell{std::to_string(e.id)}; }},
      {"", "service", [](const OverlayEntry& e) { return Cell{e.service}; }, Shown::plain_only},
      {"BACKEND", "backend",
       [](const OverlayEntry& e) {
         return Cell{e.service + "/" + e.backend, e.backend};
       }},
      {"FIELD", "field", [](const OverlayEntry& e) { return Cell{e.field}; }},
      {"VALUE", "value", [](const OverlayEntry& e) { return Cell{e.value}; }},
      {"USER", "user", [](const OverlayEntry& e) { return Cell{e.user}; }},
      {"REASON", "reason", [](const OverlayEntry& e) { return Cell{e.reason}; }},
      {"TIME", "time",
       [](const OverlayEntry& e) {
         return Cell{local_time(e.time), e.time};
       }},
      {"TTL", "ttl_seconds",
       [](const OverlayEntry& e) {
         return e.ttl_seconds ? Cell{two_units(*e.ttl_seconds), raw(*e.ttl_seconds)} : Cell{""};
       }},
      {"NOTE", "orphaned",
       [](const OverlayEntry& e) {
         return Cell{e.orphaned ? "orphaned" : "", e.orphaned ? "true" : "false", Tone::warn};
       }},
  };
  return all;
}

std::string draw(const Json& data, const Look& look) {
  const auto entries = data.get<std::vector<OverlayEntry>>();
  if (entries.empty() && look.format != Format::plain) return "nothing was changed at run time\n";
  return table(columns(), entries, look);
}

}  // namespace

void add_overlay(Tree& tree) {
  Noun noun = tree.noun("overlay", "overlays", "What was changed at run time, over the configuration.", R"(  tandemctl overlay list
  tandemctl backend reset web/web-1                 drops what is listed for it)");
  noun.verb("list", "All changes, with who, when and why.", R"(  tandemctl overlay list
  tandemctl overlay list -o json | jq -r '.data[] | select(.orphaned) | .id')")
      .run([](Session& session) { return show(session, {.method = "overlay.list", .draw = draw}); });
}

}  // namespace tandem::cli
