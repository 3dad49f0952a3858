// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/event_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <utility>

namespace tandem {
namespace {

constexpr const char* kSeverities[] = {"info", "warning", "critical"};

std::string line_of(const api::Event& event) { return api::Json(event).dump(-1, ' ', false, api::Json::error_handler_t::replace) + "\n"; }

bool write_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + sent, bytes.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

std::string rfc3339(double seconds) {
  const double whole = std::floor(seconds);
  const auto time = static_cast<std::time_t>(whole);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[40], out[48];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(out, sizeof out, "%s.%03dZ", text, static_cast<int>((seconds - whole) * 1000));
  return out;
}

double wall_seconds() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

EventLog::EventLog(std::string path, WallClock now) : path_{std::move(path)}, now_{now ? std::move(now) : WallClock{wall_seconds}} {}

EventLog::~EventLog() {
  if (fd_ >= 0) ::close(fd_);
}

Result<> EventLog::open() {
  if (path_.empty()) return {};
  std::ifstream file{path_};
  for (std::string line; std::getline(file, line); ++lines_in_file_) {
    const api::Json object = api::Json::parse(line, nullptr, false);
    if (!object.is_object()) continue;
    try {
      keep(object.get<api::Event>());
    } catch (const api::Json::exception&) {
      continue;  // a field of the wrong type: not a line of ours
    }
  }
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0) return fail(path_ + ": " + std::strerror(errno));
  return {};
}

void EventLog::add(Severity severity, std::string kind, std::string object, std::string text, std::string user, std::string reason) {
  ++by_kind_[kind];
  keep({rfc3339(now_()), std::move(kind), kSeverities[static_cast<int>(severity)], std::move(object), std::move(user), std::move(reason),
        std::move(text)});
  append(events_.back());
  const api::Event event = events_.back();
  const std::map<std::uint64_t, Listener> listeners = listeners_;  // one may leave while we tell it
  for (const auto& [id, listener] : listeners) listener(event);
}

void EventLog::keep(api::Event event) {
  events_.push_back(std::move(event));
  if (events_.size() > kKept) events_.pop_front();
}

void EventLog::append(const api::Event& event) {
  if (fd_ < 0) return;
  if (!write_all(fd_, line_of(event))) ++write_failures_;
  if (++lines_in_file_ >= 2 * kKept) rewrite();
}

void EventLog::rewrite() {
  const std::string fresh = path_ + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC | O_APPEND, 0640);
  bool written = fd >= 0;
  for (const api::Event& event : events_) written = written && write_all(fd, line_of(event));
  if (!written || ::rename(fresh.c_str(), path_.c_str()) != 0) {
    if (fd >= 0) ::close(fd);
    ::unlink(fresh.c_str());
    ++write_failures_;
    return;
  }
  ::close(std::exchange(fd_, fd));
  lines_in_file_ = events_.size();
}

std::uint64_t EventLog::subscribe(Listener listener) {
  listeners_.emplace(next_listener_, std::move(listener));
  return next_listener_++;
}

}  // namespace tandem
