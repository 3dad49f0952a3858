// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/conn_kill.h"
#include "cli/commands/conn_words.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/envelope.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using Row = api::Connection;  // cli::Connection is the one to the daemon

struct Wanted {
  std::vector<std::string> words;
  std::string limit = "100", group_by;
};

std::string flags_of(const Row& row) {
  return std::string{row.exception ? "exception" : ""} + (row.exception && row.adopted ? "," : "") + (row.adopted ? "adopted" : "");
}

const Columns<Row>& columns() {
  static const Columns<Row> all{
      {"PROTO", "proto", [](const Row& c) { return Cell{c.proto}; }},
      {"CLIENT", "client", [](const Row& c) { return Cell{c.client}; }},
      {"VIP", "vip", [](const Row& c) { return Cell{c.vip}; }},
      {"SERVICE", "service", [](const Row& c) { return Cell{c.service}; }, Shown::wide},
      {"BACKEND", "backend", [](const Row& c) { return Cell{c.backend}; }},
      {"SOURCE", "source", [](const Row& c) { return Cell{c.source}; }, Shown::wide},
      {"STATE", "state", [](const Row& c) { return Cell{c.state}; }},
      {"AGE", "age_seconds",
       [](const Row& c) {
         return Cell{brief(c.age_seconds), raw(c.age_seconds)};
       }},
      {"IDLE", "idle_seconds",
       [](const Row& c) {
         return Cell{brief(c.idle_seconds), raw(c.idle_seconds)};
       }},
      {"WORKER", "worker", [](const Row& c) { return Cell{std::to_string(c.worker)}; }, Shown::wide},
      {"FLAGS", "flags", [](const Row& c) { return Cell{flags_of(c)}; }, Shown::wide},
      {"ORIGIN", "origin", [](const Row& c) { return Cell{c.origin}; }},
  };
  return all;
}

// Programs that read line by line get each line at once; a table waits for its widest cell, a JSON list for its end.
class Listing {
 public:
  explicit Listing(Session& session) : session_{session}, look_{session.look()} {}

  bool take(const Json& event) {
    ++count_;
    if (look_.format == Format::jsonl) session_.print(json_line(event));
    else if (look_.format == Format::plain) print_plain(event);
    else rows_.push_back(event);
    return static_cast<bool>(session_.world().out);
  }
  Outcome finish(const Answer<Json>& end) {
    if (look_.format == Format::plain && count_ == 0) session_.print(table(columns(), std::vector<Row>{}, look_));
    if (!end && look_.format <= Format::wide && count_ > 0) print_table();
    if (!end) return incomplete(end.error());
    if (look_.format == Format::json) session_.print_json("conn.list", rows_, *end);
    if (look_.format <= Format::wide) print_table();
    if (!session_.for_programs()) session_.say(grouped(count_) + " of " + grouped(end->value("matched", count_)) + " shown");
    return Exit::ok;
  }

 private:
  Outcome incomplete(Failure why) const {
    if (count_ > 0) why.message += " (the list is not complete: " + counted(count_, "connection") + " came)";
    return tl::unexpected{std::move(why)};
  }
  void print_plain(const Json& event) {
    session_.print(table(columns(), std::vector<Row>{event.get<Row>()}, look_));
    look_.header = false;
  }
  void print_table() { session_.print(table(columns(), rows_.get<std::vector<Row>>(), look_)); }

  Session& session_;
  Look look_;
  Json rows_ = Json::array();
  std::uint64_t count_ = 0;
};

Outcome list(Session& session, const Wanted& wanted) {
  const Answer<Json> filter = read_filter(wanted.words);
  if (!filter) return tl::unexpected{filter.error()};
  const Answer<std::uint64_t> limit = read_number("--limit", wanted.limit);
  if (!limit) return tl::unexpected{limit.error()};
  return reading([&]() -> Outcome {
    Listing listing{session};
    const Json params{{"filter", *filter}, {"limit", *limit}};
    return listing.finish(session.stream("conn.list", params, false, [&](const Json& event) { return listing.take(event); }));
  });
}

std::string draw_count(const Json& data, const Look& look) {
  const auto total = data.at("total").get<std::uint64_t>();
  if (!data.contains("groups") || data["groups"].empty())
    return (look.format == Format::plain ? std::to_string(total) : grouped(total)) + "\n";
  Grid grid{{{"GROUP", "key"}, {"CONNS", "count"}, {"SHARE", "", Shown::table_only}}, {}};
  for (const Json& group : data["groups"]) {
    const auto count = group.at("count").get<std::uint64_t>();
    const double share = total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
    grid.rows.push_back({Cell{group.at("key").get<std::string>()}, Cell{grouped(count), std::to_string(count)}, Cell{percent(share)}});
  }
  return render(grid, look) + (look.format == Format::plain ? "" : grouped(total) + " in all\n");
}

Outcome count(Session& session, const Wanted& wanted) {
  const Answer<Json> filter = read_filter(wanted.words);
  if (!filter) return tl::unexpected{filter.error()};
  Json params{{"filter", *filter}};
  if (!wanted.group_by.empty()) params["group_by"] = wanted.group_by;
  return show(session, {.method = "conn.count", .params = params, .draw = draw_count});
}

}  // namespace

void add_conn(Tree& tree) {
  Noun noun = tree.noun("conn", "conns", "Tracked connections.", R"(  tandemctl conn list service=web state=established 'age>1h'
  tandemctl conn count --group-by backend)");
  const auto listed = std::make_shared<Wanted>(), counted_ones = std::make_shared<Wanted>();
  noun.verb("list", "Connections that match.", R"(  tandemctl conn list service=web-tls state=established 'age>1h' --limit 2
  tandemctl conn list src=192.0.2.0/24 -o wide
  tandemctl conn list --limit 1000000 -o jsonl)")
      .words(listed->words, "WORD", kWordsHelp, false)
      .option(listed->limit, "--limit", "N", "show at most so many (100)")
      .run([listed](Session& session) { return list(session, *listed); });
  noun.verb("count", "How many match.", R"(  tandemctl conn count backend=web/web-1
  tandemctl conn count --group-by src service=web)")
      .words(counted_ones->words, "WORD", kWordsHelp, false)
      .option(counted_ones->group_by, "--group-by", "WHAT", "backend, service, src or state")
      .run([counted_ones](Session& session) { return count(session, *counted_ones); });
  add_conn_kill(noun);
}

}  // namespace tandem::cli
