// SPDX-License-Identifier: Apache-2.0
// Packets not forwarded, by reason, and the balance that says none went missing.
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/table.h"
#include "common/api/types.h"
#include "controlplane/config/suggest.h"

namespace tandem::cli {
namespace {

using api::DropReasonRow;

const Columns<DropReasonRow>& columns() {
  static const Columns<DropReasonRow> all{
      {"REASON", "reason", [](const DropReasonRow& r) { return Cell{r.reason}; }},
      {"PACKETS", "packets",
       [](const DropReasonRow& r) {
         return Cell{grouped(r.packets), std::to_string(r.packets)};
       }},
      {"NOW/s", "packets_per_second", [](const DropReasonRow& r) { return rate_cell(r.packets_per_second); }},
      {"MEANING", "text", [](const DropReasonRow& r) { return Cell{r.text}; }},
  };
  return all;
}

std::uint64_t sum(const api::Counts& counts) {
  std::uint64_t out = 0;
  for (const auto& [name, count] : counts) out += count;
  return out;
}

// rx + injected + originated = tx + consumed + punted + dropped + held; packets still on their way make a small difference.
std::string balance_line(const api::Balance& b) {
  return "received " + grouped(b.rx) + " + injected " + grouped(b.injected) + " + originated " + grouped(b.originated) + " = sent " +
         grouped(b.tx) + " + consumed " + grouped(b.consumed) + " + punted " + grouped(sum(b.punted)) + " + dropped " +
         grouped(sum(b.dropped)) + " + held " + grouped(b.held) + "\n";
}

std::string untaken_line(const api::Balance& b) {
  if (sum(b.untaken) == 0) return {};
  std::string line = "not taken by a worker, for want of a buffer or of room in its ring:";
  for (const auto& [kind, count] : b.untaken) line += " " + kind + " " + grouped(count);
  return line + "\n";
}

std::string draw(const Json& data, const Look& look, bool all) {
  const api::Drops drops = data.get<api::Drops>();
  if (look.format == Format::plain) return table(columns(), drops.reasons, look);
  std::vector<DropReasonRow> rows;
  for (const DropReasonRow& row : drops.reasons)
    if (all || row.packets > 0 || look.format == Format::wide) rows.push_back(row);
  return (rows.empty() ? "no packet was dropped\n" : table(columns(), rows, look)) + balance_line(drops.balance) +
         untaken_line(drops.balance);
}

Answer<void> keep_reason(Json& data, const std::string& reason) {
  Json kept = Json::array();
  std::vector<std::string> names;
  for (const Json& row : data.at("reasons")) {
    names.push_back(row.at("reason").get<std::string>());
    if (names.back() == reason) kept.push_back(row);
  }
  const std::vector<std::string_view> words{names.begin(), names.end()};
  if (kept.empty()) return refuse(Exit::no_such_object, reason + ": no such reason", config::did_you_mean(reason, words));
  data["reasons"] = std::move(kept);
  return {};
}

}  // namespace

void add_drops(Tree& tree) {
  const auto reason = std::make_shared<std::string>();
  tree.verb("drops", "Packets not forwarded, by reason; -o wide shows also those that never came.", R"(  tandemctl drops --watch
  tandemctl drops --reason ttl_expired
  tandemctl drops -o plain --no-header | awk -F'\t' '$3 > 100')")
      .option(*reason, "--reason", "REASON", "this one alone")
      .run([reason](Session& session) {
        const bool one = !reason->empty();
        Query query{.method = "drops.list", .draw = [one](const Json& data, const Look& look) { return draw(data, look, one); }};
        if (one) query.keep = [reason](Json& data) { return keep_reason(data, *reason); };
        return show(session, query);
      });
}

}  // namespace tandem::cli
