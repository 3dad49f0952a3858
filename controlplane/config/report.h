// SPDX-License-Identifier: Apache-2.0
// Collects diagnostics while one text is read and judged, and knows where each value of it stood.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/diagnostic.h"

namespace tandem::config {

class Report {
 public:
  static constexpr std::size_t kMost = 100;  // a hostile file may hold a hundred thousand problems

  Report(std::string_view text, std::string_view file_name);

  void add(Code code, Place place, std::string text, std::string note = {});
  bool is_full() const { return diagnostics_.size() >= kMost; }
  bool has(Code code) const;
  bool left_lines_out() const { return has(Code::syntax) || has(Code::too_deep); }  // so what is missing may only seem so
  std::vector<Diagnostic> take();                                                   // in order, with a last word when there were too many

 private:
  std::string_view line(std::uint32_t number) const;

  std::string_view text_, file_;
  std::vector<std::size_t> line_starts_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t left_out_ = 0;
};

// Where the values of a configuration stand, by path: "service[0].backend[1].weight".
class Places {
 public:
  void set(const std::string& path, Place place) { places_.insert_or_assign(path, place); }
  Place of(std::string path) const;  // of what encloses it, when it is a default and stands nowhere

 private:
  std::map<std::string, Place, std::less<>> places_;
};

}  // namespace tandem::config
