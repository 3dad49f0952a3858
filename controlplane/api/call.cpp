// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/call.h"

#include <algorithm>
#include <utility>

namespace tandem {

namespace {

// Thirty years, or more rows than anybody has: what becomes a duration or a count of these overflows nothing.
constexpr double kMostNumber = 1e9;

}  // namespace

Call::Call(std::weak_ptr<Asker> asker, Peer peer, api::Request request)
    : asker_{std::move(asker)}, peer_{std::move(peer)}, request_{std::move(request)}, begun_{std::chrono::steady_clock::now()} {}

Call::~Call() {
  if (!answered_) fail({api::Exit::failed, request_.method + ": given up without an answer"});
}

void Call::finish(const std::string& line, const char* result) {
  if (answered_) return;
  answered_ = true;
  const std::shared_ptr<Asker> asker = asker_.lock();
  if (!asker) return;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  asker->answered(request_.method, result, seconds);
  asker->write(line);
}

void Call::reply(const api::Json& result) { finish(api::result_line(request_.id, result), "ok"); }

void Call::fail(const api::Failure& failure) {
  finish(api::error_line(request_.id, failure), failure.exit == api::Exit::refused ? "refused" : "error");
}

void Call::end(const api::Json& end) { finish(api::end_line(request_.id, end), "ok"); }

void Call::event(const api::Json& event) {
  if (const std::shared_ptr<Asker> asker = asker_.lock()) asker->write(api::event_line(request_.id, event));
}

bool Call::connected() const {
  const std::shared_ptr<Asker> asker = asker_.lock();
  return asker && asker->open();
}

void Call::when_read(std::function<void()> task) {
  const std::shared_ptr<Asker> asker = asker_.lock();
  asker ? asker->when_read(std::move(task)) : task();
}

void Call::on_disconnect(std::function<void()> task) {
  if (const std::shared_ptr<Asker> asker = asker_.lock()) asker->on_close(std::move(task));
}

std::string Call::text_or(const char* name, std::string otherwise) const {
  const auto found = request_.params.find(name);
  return found != request_.params.end() && found->is_string() ? found->get<std::string>() : std::move(otherwise);
}

double Call::number_or(const char* name, double otherwise) const {
  const auto found = request_.params.find(name);
  return found != request_.params.end() && found->is_number() ? std::clamp(found->get<double>(), 0.0, kMostNumber) : otherwise;
}

bool Call::flag(const char* name) const {
  const auto found = request_.params.find(name);
  return found != request_.params.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace tandem
