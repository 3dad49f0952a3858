// SPDX-License-Identifier: Apache-2.0
// A file with one thing wrong in it, and what must be said of it: nothing else, at the exact place.
#pragma once

#include <set>

#include "tests/unit/config/config_support.h"

namespace tandem::config {

struct Case {
  std::string_view code;
  std::uint32_t line, column;
  std::string_view sentence;
  std::string_view text;
};

inline std::set<std::string_view>& seen() {
  static std::set<std::string_view> codes;
  return codes;
}

inline void expect_only(const Case& wanted, const ReadOutcome& outcome) {
  SCOPED_TRACE(std::string{wanted.code} + " for:\n" + std::string{wanted.text.substr(0, 300)} + "\ngot:\n" + summary(outcome));
  ASSERT_EQ(outcome.diagnostics.size(), 1u);
  const Diagnostic& got = outcome.diagnostics.front();
  EXPECT_EQ(info(got.code).name, wanted.code);
  EXPECT_EQ(got.place.line, wanted.line);
  EXPECT_EQ(got.place.column, wanted.column);
  EXPECT_EQ(got.text, wanted.sentence);
  EXPECT_EQ(outcome.config.has_value(), wanted.code.front() == 'W') << "errors refuse the file, warnings do not";
  seen().insert(wanted.code);
}

}  // namespace tandem::config
