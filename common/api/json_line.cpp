// SPDX-License-Identifier: Apache-2.0
#include "common/api/json_line.h"

namespace tandem::api {
namespace {

// Text that is not UTF-8 (a path, a reason typed in another encoding) must not stop an answer: bad bytes are replaced.
std::string line_of(const Json& object) { return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

void LineReader::append(std::string_view bytes) {
  if (!broken_) buffer_ += bytes;
}

std::optional<std::string> LineReader::next() {
  const std::size_t end = buffer_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    broken_ = broken_ || buffer_.size() > longest_;
    return std::nullopt;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  searched_ = 0;
  if (line.size() > longest_) {
    broken_ = true;
    return std::nullopt;
  }
  return line;
}

Result<Request> parse_request(std::string_view line) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return fail("not a JSON object");
  const auto id = object.find("id"), method = object.find("method"), params = object.find("params");
  if (id == object.end() || !id->is_number_unsigned()) return fail("id must be a number, 0 or more");
  if (method == object.end() || !method->is_string()) return fail("method must be a string");
  if (params != object.end() && !params->is_object()) return fail("params must be an object");
  return Request{id->get<std::uint64_t>(), method->get<std::string>(), params == object.end() ? Json::object() : *params};
}

std::string request_line(const Request& request) {
  return line_of({{"id", request.id}, {"method", request.method}, {"params", request.params}});
}

std::string result_line(std::uint64_t id, const Json& result) { return line_of({{"id", id}, {"result", result}}); }

std::string error_line(std::uint64_t id, const Failure& failure) {
  Json error{{"exit", static_cast<int>(failure.exit)}, {"message", failure.message}};
  if (!failure.hint.empty()) error["hint"] = failure.hint;
  if (!failure.details.is_null()) error["details"] = failure.details;
  return line_of({{"id", id}, {"error", error}});
}

std::string event_line(std::uint64_t id, const Json& event) { return line_of({{"id", id}, {"event", event}}); }

std::string end_line(std::uint64_t id, const Json& end) { return line_of({{"id", id}, {"end", end}}); }

}  // namespace tandem::api
