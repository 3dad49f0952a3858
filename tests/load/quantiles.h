// SPDX-License-Identifier: Apache-2.0
// The tail of what was measured, as JSON.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace tandem::load {

inline nlohmann::json quantiles(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    return values.empty() ? 0 : values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
  };
  return {{"p50", at(0.5)}, {"p99", at(0.99)}, {"p99.9", at(0.999)}};
}

}  // namespace tandem::load
