// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::Source;

constexpr double kFew = 0.2;  // as the alert TandemSourcePortsLow has it

Cell free_cell(const Source& source, api::Count free) {
  const double share = source.capacity == 0 ? 0 : static_cast<double>(free) / static_cast<double>(source.capacity);
  return {grouped(free) + " (" + percent(share) + ")", std::to_string(free), source.gives && share < kFew ? Tone::warn : Tone::plain};
}

const Columns<Source>& columns() {
  static const Columns<Source> all{
      {"ADDRESS", "address", [](const Source& s) { return Cell{s.address}; }},
      {"GROUP", "group", [](const Source& s) { return Cell{s.group}; }},
      {"STATE", "state", [](const Source& s) { return Cell{s.gives ? "in use" : "leaving"}; }},
      {"TCP", "connections_tcp", [](const Source& s) { return count_cell(s.connections_tcp); }},
      {"TCP FREE", "free_tcp", [](const Source& s) { return free_cell(s, s.free_tcp); }},
      {"UDP", "connections_udp", [](const Source& s) { return count_cell(s.connections_udp); }},
      {"UDP FREE", "free_udp", [](const Source& s) { return free_cell(s, s.free_udp); }},
      {"CAPACITY", "capacity", [](const Source& s) { return count_cell(s.capacity); }, Shown::wide},
  };
  return all;
}

}  // namespace

void add_source(Tree& tree) {
  Noun noun = tree.noun("source", "sources", "Source addresses of full-nat, and their ports.", R"(  tandemctl source list
  tandemctl source list --watch)");
  noun.verb("list", "All source addresses.", R"(  tandemctl source list
  tandemctl source list --watch)")
      .run([](Session& session) {
        return show(session, {.method = "source.list", .draw = [](const Json& data, const Look& look) {
                                return table(columns(), data.get<std::vector<Source>>(), look);
                              }});
      });
}

}  // namespace tandem::cli
