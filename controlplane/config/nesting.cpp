// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/nesting.h"

#include <algorithm>

namespace tandem::config {
namespace {

// Where the string that begins at `at` ends (one past its closing quotes): basic or literal, of one line or of several.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool several_lines = text.substr(at, 3) == std::string_view{quote == '"' ? "\"\"\"" : "'''"};
  const std::string_view closing = text.substr(at, several_lines ? 3 : 1);
  for (std::size_t i = at + closing.size(); i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;  // the next character is escaped
    } else if (text[i] == '\n' && !several_lines) {
      return i;  // a syntax error, which toml++ will name
    } else if (text.substr(i, closing.size()) == closing) {
      i += closing.size();
      if (several_lines) i += std::min<std::size_t>(2, std::min(text.find_first_not_of(quote, i), text.size()) - i);  // """a"""""
      return i;
    }
  }
  return text.size();
}

bool ends_a_key(char c) { return c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}'; }

}  // namespace

std::optional<std::uint32_t> line_of_overlong_key(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = end_of_string(text, i);
      continue;
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    dots = ends_a_key(c) ? 0 : dots + (c == '.' ? 1 : 0);
    if (dots >= kMaxKeyParts) {
      return static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n') + 1);
    }
    ++i;
  }
  return {};
}

}  // namespace tandem::config
