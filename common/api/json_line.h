// SPDX-License-Identifier: Apache-2.0
// One JSON object a line over a UNIX stream socket: framing, requests, replies. No I/O here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/base/result.h"

namespace tandem::api {

using Json = nlohmann::json;

inline constexpr std::size_t kMaxLineBytes = 1 << 20;     // of a request
inline constexpr std::size_t kMaxAnswerBytes = 16 << 20;  // the snapshot and the list of checks grow with the backends: about 2 kB each

// The CLI's exit codes (docs/operations.md); an error on the wire carries one.
enum class Exit : int {
  ok = 0,
  failed = 1,
  usage = 2,
  unreachable = 3,
  no_such_object = 4,
  refused = 5,
  timed_out = 6,
  partly_done = 7,
  bad_configuration = 8,
  version_mismatch = 9,
  degraded = 10,
  critical = 11,
  interrupted = 130,
};

struct Failure {
  Exit exit = Exit::failed;
  std::string message;
  std::string hint;
  Json details = nullptr;  // config.apply: the diagnostics
};

struct Request {
  std::uint64_t id = 0;
  std::string method;
  Json params = Json::object();
};

// Bytes in, whole lines out. A line longer than `longest` makes it broken: the connection is to be closed.
class LineReader {
 public:
  explicit LineReader(std::size_t longest = kMaxLineBytes) : longest_{longest} {}
  void append(std::string_view bytes);
  std::optional<std::string> next();
  bool broken() const { return broken_; }

 private:
  std::string buffer_;
  std::size_t searched_ = 0, longest_;
  bool broken_ = false;
};

Result<Request> parse_request(std::string_view line);
std::string request_line(const Request& request);
std::string result_line(std::uint64_t id, const Json& result);
std::string error_line(std::uint64_t id, const Failure& failure);
std::string event_line(std::uint64_t id, const Json& event);
std::string end_line(std::uint64_t id, const Json& end);

}  // namespace tandem::api
