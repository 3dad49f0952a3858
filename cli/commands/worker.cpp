// SPDX-License-Identifier: Apache-2.0

#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::Worker;

constexpr double kLateSeconds = 1;  // a heartbeat older than this: the worker does not run

std::string entries_of(const Worker& worker) {
  const double used = worker.capacity == 0 ? 0 : static_cast<double>(worker.entries) / static_cast<double>(worker.capacity);
  return grouped(worker.entries) + " (" + percent(used) + ")";
}

// DPDK's LCORE_ID_ANY: a thread that the kernel may put on any core.
Cell core_cell(const Worker& worker) {
  constexpr api::Count kAnyCore = std::numeric_limits<std::uint32_t>::max();
  return worker.core == kAnyCore ? Cell{"any", ""} : Cell{std::to_string(worker.core)};
}

// Of those fates that `names` names (dataplane/stats/counters.h).
Cell fates_cell(const api::Counts& fates, std::initializer_list<const char*> names) {
  api::Count sum = 0;
  for (const char* name : names)
    if (const auto found = fates.find(name); found != fates.end()) sum += found->second;
  return count_cell(sum);
}

Cell heartbeat_cell(const Worker& worker) {
  return {precise(worker.heartbeat_age_seconds), raw(worker.heartbeat_age_seconds),
          worker.heartbeat_age_seconds > kLateSeconds ? Tone::bad : Tone::plain};
}

const Columns<Worker>& columns() {
  static const Columns<Worker> all{
      {"WORKER", "worker", [](const Worker& w) { return Cell{std::to_string(w.worker)}; }},
      {"CORE", "core", core_cell},
      {"BUSY", "busy_ratio",
       [](const Worker& w) {
         return Cell{percent(w.busy_ratio), raw(w.busy_ratio)};
       }},
      {"PACKETS", "packets_total", [](const Worker& w) { return count_cell(w.packets_total); }},
      {"CONNS", "entries",
       [](const Worker& w) {
         return Cell{entries_of(w), std::to_string(w.entries)};
       }},
      {"", "capacity", [](const Worker& w) { return Cell{std::to_string(w.capacity)}; }, Shown::plain_only},
      {"HALF-OPEN", "half_open", [](const Worker& w) { return count_cell(w.half_open); }, Shown::wide},
      {"FLOOD", "flood",
       [](const Worker& w) {
         return Cell{w.flood ? "yes" : "no", w.flood ? "true" : "false"};
       },
       Shown::wide},
      {"WORST LOOP", "loop_max_seconds",
       [](const Worker& w) {
         return Cell{precise(w.loop_max_seconds), raw(w.loop_max_seconds)};
       }},
      {"HANDED IN", "handover_in", [](const Worker& w) { return count_cell(w.handover_in); }},
      {"OUT", "handover_out", [](const Worker& w) { return count_cell(w.handover_out); }},
      {"POLLS", "polls_packets", [](const Worker& w) { return count_cell(w.polls_packets); }, Shown::wide},
      {"EMPTY", "polls_empty", [](const Worker& w) { return count_cell(w.polls_empty); }, Shown::wide},
      {"HITS", "lookups_hit", [](const Worker& w) { return count_cell(w.lookups_hit); }, Shown::wide},
      {"MISSES", "lookups_miss", [](const Worker& w) { return count_cell(w.lookups_miss); }, Shown::wide},
      {"ICMP CARRIED", "icmp_errors_carried",
       [](const Worker& w) {
         return fates_cell(w.icmp_errors, {"to_backend", "to_client"});
       },
       Shown::wide},
      {"ICMP MADE", "icmp_errors_made",
       [](const Worker& w) {
         return fates_cell(w.icmp_errors, {"too_big", "time_exceeded"});
       },
       Shown::wide},
      {"CLIENTS TOLD", "client_addresses_told",
       [](const Worker& w) {
         return fates_cell(w.client_addresses, {"toa", "proxy_v2"});
       },
       Shown::wide},
      {"HEARTBEAT", "heartbeat_age_seconds", heartbeat_cell},
  };
  return all;
}

}  // namespace

void add_worker(Tree& tree) {
  Noun noun = tree.noun("worker", "workers", "Workers: load, loops, tables.", R"(  tandemctl worker list --watch
  tandemctl worker list -o wide)");
  noun.verb("list", "All workers.", R"(  tandemctl worker list --watch
  tandemctl worker list -o wide)")
      .run([](Session& session) {
        return show(session, {.method = "worker.list", .draw = [](const Json& data, const Look& look) {
                                return table(columns(), data.get<std::vector<Worker>>(), look);
                              }});
      });
}

}  // namespace tandem::cli
