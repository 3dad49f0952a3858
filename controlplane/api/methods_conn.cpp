// SPDX-License-Identifier: Apache-2.0
// conn.list and conn.count: a scan of the workers' tables beside the loop, filtered and named here.
#include <algorithm>
#include <map>

#include "controlplane/api/conn_filter.h"
#include "controlplane/api/lookup.h"
#include "controlplane/api/methods.h"

namespace tandem {
namespace {

constexpr std::size_t kMostGroups = 100'000;  // sources of an attack must not become memory

struct Listing {
  CallPtr call;
  ConnFilter filter;
  std::size_t limit = 100;
  std::uint64_t shown = 0, matched = 0, scanned = 0;
};

void take(Listing& listing, const ConnNames& names, const std::vector<FoundConnection>& found) {
  for (const FoundConnection& each : found) {
    ++listing.scanned;
    const api::Connection connection = names.describe(each);
    if (!listing.filter.matches(each, connection)) continue;
    ++listing.matched;
    if (listing.shown < listing.limit) listing.call->event(connection), ++listing.shown;
  }
}

void list(const CallPtr& call, NodeState& node) {
  api::Answer<ConnFilter> filter = ConnFilter::read(call->params());
  if (!filter) return call->fail(filter.error());
  auto listing =
      std::make_shared<Listing>(Listing{call, std::move(*filter), static_cast<std::size_t>(call->number_or("limit", 100)), 0, 0, 0});
  const auto names = std::make_shared<ConnNames>(node);
  node.scan(
      [listing, names](const std::vector<FoundConnection>& found, const NodeState::Next& next) {
        take(*listing, *names, found);
        listing->call->when_read([listing, next] { next(listing->call->connected()); });
      },
      [listing](const Result<>& done) {
        if (!done) return listing->call->fail({api::Exit::timed_out, done.error().message});
        listing->call->end({{"shown", listing->shown}, {"matched", listing->matched}, {"scanned", listing->scanned}});
      });
}

struct Counting {
  CallPtr call;
  ConnFilter filter;
  std::string group_by;
  std::uint64_t total = 0;
  std::map<std::string, std::uint64_t> groups;
};

std::string group_of(const std::string& group_by, const api::Connection& connection) {
  if (group_by == "backend") return connection.service + "/" + connection.backend;
  if (group_by == "service") return connection.service;
  if (group_by == "state") return connection.state;
  return connection.client.substr(0, connection.client.rfind(':'));
}

void answer_count(const Counting& counting) {
  std::vector<std::pair<std::string, std::uint64_t>> groups{counting.groups.begin(), counting.groups.end()};
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  api::Json rows = api::Json::array();
  for (const auto& [key, count] : groups) rows.push_back({{"key", key}, {"count", count}});
  counting.call->reply({{"total", counting.total}, {"groups", rows}});
}

void count(const CallPtr& call, NodeState& node) {
  api::Answer<ConnFilter> filter = ConnFilter::read(call->params());
  if (!filter) return call->fail(filter.error());
  const std::string group_by = call->text_or("group_by", "");
  if (!group_by.empty() && group_by != "backend" && group_by != "service" && group_by != "state" && group_by != "src")
    return call->fail({api::Exit::usage, "group_by: expected backend, service, state or src, got " + group_by});
  auto counting = std::make_shared<Counting>(Counting{call, std::move(*filter), group_by, 0, {}});
  const auto names = std::make_shared<ConnNames>(node);
  node.scan(
      [counting, names](const std::vector<FoundConnection>& found, const NodeState::Next& next) {
        for (const FoundConnection& each : found) {
          const api::Connection connection = names->describe(each);
          if (!counting->filter.matches(each, connection)) continue;
          ++counting->total;
          if (!counting->group_by.empty() && counting->groups.size() < kMostGroups)
            ++counting->groups[group_of(counting->group_by, connection)];
        }
        next(counting->call->connected());
      },
      [counting](const Result<>& done) {
        if (!done) return counting->call->fail({api::Exit::timed_out, done.error().message});
        answer_count(*counting);
      });
}

}  // namespace

void add_conn_methods(Server& server, NodeState& node) {
  server.handle("conn.list", [&node](const CallPtr& call) { list(call, node); });
  server.handle("conn.count", [&node](const CallPtr& call) { count(call, node); });
}

}  // namespace tandem
