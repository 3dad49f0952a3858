// SPDX-License-Identifier: Apache-2.0
// Cycles of the time stamp counter, and what many noisy samples of them say: the median, and between which values 80 % lie.
#pragma once

#include <x86intrin.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tandem::bench {

inline std::uint64_t cycles_now() {
  _mm_lfence();  // nothing before is still running
  const std::uint64_t now = __rdtsc();
  _mm_lfence();
  return now;
}

class Samples {
 public:
  void add(double value) { values_.push_back(value); }
  bool empty() const { return values_.empty(); }
  double quantile(double part) const {
    if (values_.empty()) return 0;
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5)];
  }
  double median() const { return quantile(0.5); }
  double low() const { return quantile(0.1); }
  double high() const { return quantile(0.9); }

 private:
  std::vector<double> values_;
};

}  // namespace tandem::bench
