// SPDX-License-Identifier: Apache-2.0
#include "common/api/json_line.h"

namespace tandem::api {
namespace {

// Text that is not UTF-8 (a path, a reason typed in another encoding) must not stop an answer: bad bytes are replaced.
std::string line_of(const Json& object) { return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

// Copying and writing a value goes down one call a level, so a line of brackets alone would use up the stack.
constexpr std::size_t kMaxDepth = 64;

bool is_too_deep(std::string_view line) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_text && c == '\\') ++i;
    else if (c == '"') in_text = !in_text;
    else if (!in_text && (c == '[' || c == '{') && ++depth > kMaxDepth) return true;
    else if (!in_text && (c == ']' || c == '}') && depth > 0) --depth;
  }
  return false;
}

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
  if (is_too_deep(line)) return fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
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
