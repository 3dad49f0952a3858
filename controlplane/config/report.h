// SPDX-License-Identifier: Apache-2.0
// Collects diagnostics while one text, or several together, are read and judged, and knows where each value of them stood.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/diagnostic.h"
#include "controlplane/config/parts.h"

namespace tandem::config {

class Report {
 public:
  static constexpr std::size_t kMost = 100;  // a hostile file may hold a hundred thousand problems

  explicit Report(std::span<const Source> sources);  // which must outlive it; Place::file is a place among them

  void add(Code code, Place place, std::string text, std::string note = {});
  bool is_full() const { return diagnostics_.size() >= kMost; }
  bool has(Code code) const;
  bool left_lines_out() const {
    return has(Code::syntax) || has(Code::too_deep) || has(Code::too_large);
  }                                        // so what is missing may only seem so
  std::string line_of(Place place) const;  // "line 12"; with several files "pair.toml:12"
  std::vector<Diagnostic> take();          // in order, with a last word when there were too many

 private:
  std::string_view line(Place place) const;

  std::span<const Source> sources_;
  std::vector<std::vector<std::size_t>> line_starts_;  // by source
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
