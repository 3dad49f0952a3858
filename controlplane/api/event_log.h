// SPDX-License-Identifier: Apache-2.0
// What happened: the last kKept events, in memory and in a file that a restart reads again. Threads: the loop's.
// The file is a JSON object a line; when it has grown to twice what is kept it is written anew and renamed into place.
// A disk that is full costs the file, never the event: memory has it, and write_failures() counts.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/api/json_line.h"
#include "common/api/types.h"
#include "common/base/result.h"

namespace tandem {

enum class Severity : std::uint8_t { info, warning, critical };

class EventLog {
 public:
  static constexpr std::size_t kKept = 10'000;

  using WallClock = std::function<double()>;  // seconds since 1970
  using Listener = std::function<void(const api::Event&)>;

  explicit EventLog(std::string path = {}, WallClock now = {});  // no path: memory alone
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  Result<> open();  // reads what an earlier run left; damaged lines are passed over

  void add(Severity severity, std::string kind, std::string object, std::string text, std::string user = {}, std::string reason = {});

  const std::deque<api::Event>& events() const { return events_; }
  const api::Counts& by_kind() const { return by_kind_; }  // since this start
  std::uint64_t write_failures() const { return write_failures_; }

  std::uint64_t subscribe(Listener listener);
  void unsubscribe(std::uint64_t id) { listeners_.erase(id); }

 private:
  void keep(api::Event event);
  void append(const api::Event& event);
  void rewrite();

  std::string path_;
  WallClock now_;
  int fd_ = -1;
  std::size_t lines_in_file_ = 0;
  std::deque<api::Event> events_;
  api::Counts by_kind_;
  std::uint64_t write_failures_ = 0, next_listener_ = 1;
  std::map<std::uint64_t, Listener> listeners_;
};

std::string rfc3339(double seconds_since_1970);  // UTC, milliseconds
double wall_seconds();

}  // namespace tandem
