// SPDX-License-Identifier: Apache-2.0
#include "tests/load/datagrams.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

namespace tandem::load {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::uint64_t kBurstMost = 64;  // after a pause it catches up gently: a burst would measure the pause

}  // namespace

Result<std::unique_ptr<Datagrams>> Datagrams::open(const DatagramsWish& wish) {
  auto made = std::make_unique<Datagrams>();
  made->wish_ = wish;
  std::uint64_t number = static_cast<std::uint64_t>(getpid()) << 32U;
  for (const std::string& to : wish.to) {
    const Result<Endpoint> endpoint = parse_endpoint(to);
    if (!endpoint) return fail(endpoint.error());
    Way& way = *made->ways_.emplace_back(std::make_unique<Way>());
    way.to = to;
    for (std::size_t i = 0; i < wish.flows; ++i) {
      const Result<int> socket = speak_to(*endpoint);
      if (!socket) return fail(socket.error().within(to));
      way.flows.push_back(std::make_unique<Flow>(*socket, number++, way.last, way.gaps));
      made->loop_.watch(*socket, EPOLLIN, *way.flows.back());
    }
  }
  return made;
}

void Datagrams::send_due(Instant now) {
  const auto due = static_cast<std::uint64_t>(seconds(now - began_) * wish_.rate);
  if (due > sent_ + kBurstMost)
    began_ = began_ + Nanoseconds{static_cast<std::int64_t>(static_cast<double>(due - sent_ - kBurstMost) / wish_.rate * 1e9)};
  for (const std::uint64_t until = std::min(due, sent_ + kBurstMost); sent_ < until; ++sent_)
    for (const auto& way : ways_) way->flows[sent_ % way->flows.size()]->send_one();
}

bool Datagrams::all_came() const {
  return std::all_of(ways_.begin(), ways_.end(), [](const auto& way) {
    return std::all_of(way->flows.begin(), way->flows.end(), [](const auto& flow) { return flow->received() == flow->sent(); });
  });
}

void Datagrams::run() {
  const Instant begin = began_ = Loop::now();
  const auto pause = std::min(Nanoseconds{milliseconds{1}}, Nanoseconds{static_cast<std::int64_t>(1e9 / wish_.rate)});
  Instant now = begin;
  for (Instant last = now; !Loop::asked_to_stop() && (wish_.run_s == 0 || seconds(now - begin) < wish_.run_s); last = now) {
    now = Loop::now();
    longest_pause_ = std::max(longest_pause_, now - last);
    send_due(now);
    loop_.wait(pause);
  }
  while (!all_came() && seconds(Loop::now() - now) < wish_.settle_s) loop_.wait(milliseconds{10});
}

json Datagrams::report(const Way& way) {
  std::uint64_t sent = 0, received = 0, doubled = 0, damaged = 0, errors = 0, moved = 0;
  std::map<std::string, std::uint64_t> servers;
  for (const auto& flow : way.flows) {
    sent += flow->sent(), received += flow->received(), doubled += flow->doubled(), damaged += flow->damaged(), errors += flow->errors();
    moved += flow->servers().size() > 1;
    for (const auto& [server, count] : flow->servers()) servers[server] += count;
  }
  return {{"to", way.to},       {"sent", sent},     {"received", received}, {"lost", sent - received}, {"doubled", doubled},
          {"damaged", damaged}, {"errors", errors}, {"moved", moved},       {"servers", servers},      {"gaps", way.gaps}};
}

json Datagrams::report() const {
  json ways = json::array();
  json out = {{"own_pause_s", seconds(longest_pause_)}};
  for (const auto& way : ways_) {
    const json& one = ways.emplace_back(report(*way));
    for (const char* word : {"sent", "received", "lost", "doubled", "damaged", "errors", "moved"})
      out[word] = out.value(word, std::uint64_t{0}) + one[word].get<std::uint64_t>();
  }
  out["ways"] = std::move(ways);
  return out;
}

}  // namespace tandem::load
