// SPDX-License-Identifier: Apache-2.0
// State sync: whether the other node could carry on every connection at this moment.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

Cell yes(bool is_so, bool good = true) { return {is_so ? "yes" : "no", is_so ? "true" : "false", is_so == good ? Tone::good : Tone::warn}; }

std::string applied_text(const api::Counts& applied) {
  std::string out;
  for (const auto& [result, count] : applied)
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", grouped(count), result);
  return out.empty() ? "nothing" : out;
}

// Of what we hold for the peer.
std::string compared_text(const api::HaSync& sync) {
  if (sync.digest_compared == 0) return "not yet";
  return fmt::format("{} buckets, {} differed, {} connections set right", grouped(sync.digest_compared), grouped(sync.digest_differing),
                     grouped(sync.digest_repaired));
}

std::string draw(const Json& data, const Look& look) {
  const api::Ha ha = data.get<api::Ha>();
  if (!ha.configured) return look.format == Format::plain ? "" : "this node is not one of a pair\n";
  const api::HaSync& sync = ha.sync;
  if (!sync.on) return look.format == Format::plain ? "" : "connections are not synced: [sync] has no key\n";
  const std::string walk = sync.walking ? fmt::format("{} told so far, for {}", grouped(sync.walked_records), precise(sync.walk_seconds))
                                        : fmt::format("{} told in {}", grouped(sync.walked_records), precise(sync.walk_seconds));
  return render(
      Facts{{"peer has all of ours", yes(ha.peer_in_step)},
            {"we have all of the peer's", yes(ha.in_step)},
            {"behind", Cell{precise(sync.lag_seconds), raw(sync.lag_seconds)}},
            {"not acknowledged", count_cell(sync.queue_records)},
            {"last full copy", Cell{walk}},
            {"sent", Cell{fmt::format("{} changes, {}", grouped(sync.records_sent), bytes(static_cast<double>(sync.bytes_sent)))}},
            {"lost and told anew", count_cell(sync.records_lost)},
            {"received",
             Cell{fmt::format("{} changes, {}", grouped(sync.records_received), bytes(static_cast<double>(sync.bytes_received)))}},
            {"became", Cell{applied_text(sync.applied)}},
            {"compared with the peer's", Cell{compared_text(sync)}},
            {"peer has room", yes(!sync.peer_full)}},
      look);
}

}  // namespace

void add_sync(Tree& tree) {
  Noun noun = tree.noun("sync", "syncs", "State sync: does the other node know every connection.", R"(  tandemctl sync status --watch
  tandemctl sync resync)");
  noun.verb("status", "How far behind the other node is, and what was exchanged.", R"(  tandemctl sync status
  tandemctl sync status --watch)")
      .run([](Session& session) { return show(session, {.method = "sync.status", .draw = draw}); });
  noun.verb("resync", "Tells the other node all connections again.", R"(  tandemctl sync resync --reason "tables differ")")
      .run([](Session& session) {
        return show(session, {.method = "sync.resync", .params = {{"reason", session.options().reason}}, .draw = draw});
      });
}

}  // namespace tandem::cli
