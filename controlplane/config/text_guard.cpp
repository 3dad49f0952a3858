// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/text_guard.h"

#include <algorithm>

namespace tandem::config {
namespace {

// One past the closing quote of the string that begins at `at`; at the line's end when it has none, which toml++ will name.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text[i] == quote) return i + 1;
    if (text[i] == '\\' && quote == '"' && i + 1 < text.size() && text[i + 1] != '\n') ++i;
  }
  return text.size();
}

bool ends_a_key(char c) { return std::string_view{"\n=,[]{}"}.find(c) != std::string_view::npos; }

Place place_at(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  const auto starts_code_point = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  const auto count = [](auto number) { return static_cast<std::uint32_t>(number) + 1; };
  return {count(std::count(before.begin(), before.end(), '\n')), count(std::count_if(line.begin(), line.end(), starts_code_point)), 1};
}

bool is_byte_order_mark(std::string_view text, std::size_t at) { return at == 0 && text.starts_with("\xef\xbb\xbf"); }

}  // namespace

std::optional<Refusal> find_refusal(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_byte_order_mark(text, i)) {
      i += 2;
    } else if (c == '"' || c == '\'') {
      if (text.substr(i, 3) == std::string_view{c == '"' ? "\"\"\"" : "'''"})
        return Refusal{Code::syntax, place_at(text, i), "a string of several lines; expected one line"};
      i = end_of_string(text, i) - 1;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return Refusal{Code::syntax, place_at(text, i), "a character outside ASCII; expected it in strings and comments alone"};
    } else {
      dots = ends_a_key(c) ? 0 : dots + (c == '.' ? 1 : 0);
      if (dots >= kMaxKeyParts) return Refusal{Code::too_deep, place_at(text, i), "a key of more than 16 dotted parts"};
    }
  }
  return {};
}

}  // namespace tandem::config
