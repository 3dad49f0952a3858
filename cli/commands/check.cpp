// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::Check;

std::string results_of(const Check& check) {
  std::string out;
  for (const auto& [result, count] : check.results)
    if (count > 0) out.append(out.empty() ? "" : ", ").append(grouped(count)).append(" ").append(result);
  return out;
}

Cell result_cell(const Check& check, const char* result) {
  const auto found = check.results.find(result);
  return count_cell(found == check.results.end() ? 0 : found->second);
}

// A check that has not run took no time worth showing.
Cell took_cell(const Check& check) {
  return {check.last_duration_seconds > 0 ? precise(check.last_duration_seconds) : "", raw(check.last_duration_seconds)};
}

const Columns<Check>& columns() {
  static const Columns<Check> all{
      {"", "service", [](const Check& c) { return Cell{c.service}; }, Shown::plain_only},
      {"BACKEND", "backend",
       [](const Check& c) {
         return Cell{c.service + "/" + c.backend, c.backend};
       }},
      {"TYPE", "type", [](const Check& c) { return Cell{c.type}; }},
      {"STATE", "state", [](const Check& c) { return state_cell(c.state); }},
      {"LAST", "text", [](const Check& c) { return Cell{c.text}; }},
      {"TOOK", "last_duration_seconds", took_cell},
      {"SINCE", "since_seconds",
       [](const Check& c) {
         return Cell{coarse(c.since_seconds), raw(c.since_seconds)};
       }},
      {"RESULTS", "", [](const Check& c) { return Cell{results_of(c)}; }, Shown::table_only},
      {"", "ok", [](const Check& c) { return result_cell(c, "ok"); }, Shown::plain_only},
      {"", "refused", [](const Check& c) { return result_cell(c, "refused"); }, Shown::plain_only},
      {"", "timeout", [](const Check& c) { return result_cell(c, "timeout"); }, Shown::plain_only},
      {"", "status", [](const Check& c) { return result_cell(c, "status"); }, Shown::plain_only},
      {"", "tls", [](const Check& c) { return result_cell(c, "tls"); }, Shown::plain_only},
      {"", "error", [](const Check& c) { return result_cell(c, "error"); }, Shown::plain_only},
  };
  return all;
}

std::string draw_run(const std::string& backend, const Json& data, const Look& look, bool verbose) {
  const api::CheckRun run = data.get<api::CheckRun>();
  if (look.format == Format::plain)
    return backend + "\t" + (run.ok ? "ok" : "failed") + "\t" + run.text + "\t" + raw(run.duration_seconds) + "\n";
  std::string out = backend + " " + paint(run.ok ? "ok" : "failed", run.ok ? Tone::good : Tone::bad, look) + ": " + run.text + ", " +
                    precise(run.duration_seconds) + "\n";
  if (verbose)
    for (const std::string& line : run.dialogue) out += "  " + line + "\n";
  return out;
}

void add_list(Noun& noun) {
  const auto service = std::make_shared<std::string>();
  noun.verb("list", "Checks and their last verdicts.", R"(  tandemctl check list
  tandemctl check list web --watch)")
      .word(*service, "SERVICE", "of this one alone", false)
      .run([service](Session& session) {
        Query query{.method = "check.list",
                    .draw = [](const Json& data, const Look& look) { return table(columns(), data.get<std::vector<Check>>(), look); }};
        if (!service->empty()) query.params = {{"service", *service}};
        return show(session, query);
      });
}

void add_run(Noun& noun) {
  const auto backend = std::make_shared<std::string>();
  noun.verb("run", "One check now, outside the rounds; it changes no verdict. Exit 1 when it fails.", R"(  tandemctl check run web/web-1
  tandemctl check run web/web-1 --verbose           with what was said)")
      .word(*backend, "BACKEND", "SERVICE/BACKEND")
      .run([backend](Session& session) {
        const bool verbose = session.options().verbose;
        return show(session,
                    {.method = "check.run",
                     .params = {{"backend", *backend}},
                     .draw = [backend, verbose](const Json& data, const Look& look) { return draw_run(*backend, data, look, verbose); },
                     .judge = [](const Json& data) { return data.value("ok", false) ? Exit::ok : Exit::failed; }});
      });
}

}  // namespace

void add_check(Tree& tree) {
  Noun noun = tree.noun("check", "checks", "Health checks.", R"(  tandemctl check list
  tandemctl check run web/web-1 --verbose)");
  add_list(noun), add_run(noun);
}

}  // namespace tandem::cli
