// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/watch.h"

#include <algorithm>
#include <utility>

namespace tandem::health {

Watch::Watch(Loop& loop, std::string socket, Hear hear)
    : loop_{loop},
      socket_{std::move(socket)},
      hear_{std::move(hear)},
      channel_{loop, [this](const std::string& text) { line(text); }, [this](const std::string& why) { away(why); }},
      retry_{loop.after(Nanoseconds{}, [this] { connect(); })} {}

void Watch::connect() {
  if (Result<> connected = channel_.connect(socket_); !connected) return away(connected.error().message);
  watch_id_ = next_id_;
  if (!request("check.watch", api::Json::object())) return;
  hear_.listened_to_anew();
}

void Watch::away(const std::string& why) {
  if (!std::exchange(complained_, true)) hear_.log("tandemd is away (" + why + "); checks go on, trying again");
  gathered_.clear();
  retry_.rearm(retry_in_);
  retry_in_ = std::min(2 * retry_in_, kLastRetry);
}

bool Watch::request(const char* method, const api::Json& params) { return channel_.send(api::request_line({next_id_++, method, params})); }

void Watch::line(const std::string& text) {
  const api::Json said = api::Json::parse(text, nullptr, false);
  if (!said.is_object()) return;
  try {
    const std::uint64_t id = said.value("id", std::uint64_t{0});
    if (const auto error = said.find("error"); error != said.end()) {
      const std::string why = error->value("message", "no reason given");
      if (id != watch_id_ && id != 0) return hear_.log("tandemd took no report: " + why);
      channel_.close();  // no stream, no jobs: ask again later
      return away(why);
    }
    if (id == watch_id_ && said.contains("event")) event(said["event"]);
  } catch (const api::Json::exception& wrong) {
    hear_.log(std::string{"tandemd said what this version does not understand: "} + wrong.what());
  }
}

void Watch::event(const api::Json& event) {
  if (const auto checks = event.find("checks"); checks != event.end()) {
    const auto jobs = checks->get<std::vector<api::CheckJob>>();
    hear_.log("connected to tandemd: " + std::to_string(jobs.size()) + " checks");
    complained_ = false, retry_in_ = kFirstRetry;
    hear_.jobs(jobs);
  }
  if (const auto ask = event.find("ask"); ask != event.end()) hear_.ask(ask->value("service", ""), ask->value("backend", ""));
  if (const auto run = event.find("run"); run != event.end())
    hear_.run(run->value("token", ""), run->value("service", ""), run->value("backend", ""));
}

void Watch::report(const api::CheckVerdict& verdict) {
  if (!channel_.open()) return;
  gathered_.push_back(verdict);
  if (gathered_.size() >= kMostInOne) return flush();
  if (gathered_.size() > 1) return;
  if (gather_.active()) gather_.rearm(kGatherFor);
  else gather_ = loop_.after(kGatherFor, [this] { flush(); });
}

void Watch::report(const api::CheckRun& run) {
  if (channel_.open()) request("check.report", {{"results", api::Json::array()}, {"run", run}});
}

void Watch::flush() {
  const std::vector<api::CheckVerdict> verdicts = std::exchange(gathered_, {});
  if (verdicts.empty() || !channel_.open()) return;
  if (!request("check.report", {{"results", verdicts}})) hear_.listened_to_anew();
}

}  // namespace tandem::health
