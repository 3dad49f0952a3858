// SPDX-License-Identifier: Apache-2.0
#include "tests/load/words.h"

#include <cstdlib>

namespace tandem::load {

Words::Words(int argc, char** argv) {
  std::string option;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("--")) options_[option = word];
    else options_[option].push_back(word);
  }
}

std::vector<std::string> Words::all(const std::string& option) {
  const auto found = options_.find(option);
  if (found == options_.end()) return {};
  std::vector<std::string> values = std::move(found->second);
  options_.erase(found);
  return values;
}

std::string Words::text(const std::string& option) {
  const std::vector<std::string> values = all(option);
  if (values.size() != 1) trouble_ = option + " wants one value";
  return values.empty() ? "" : values.front();
}

double Words::number(const std::string& option, double otherwise) {
  if (!options_.contains(option)) return otherwise;
  const std::string value = text(option);
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  const std::string unit = end;
  if (end == value.c_str() || number < 0 || (!unit.empty() && unit != "s" && unit != "ms"))
    trouble_ = option + ": '" + value + "' is no number";
  return unit == "ms" ? number / 1000 : number;
}

Result<> Words::understood() const {
  if (!trouble_.empty()) return fail(trouble_);
  if (!options_.empty()) return fail("nobody knows '" + options_.begin()->first + "'");
  return {};
}

}  // namespace tandem::load
