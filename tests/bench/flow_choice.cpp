// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/flow_choice.h"

#include <algorithm>
#include <random>

namespace tandem::bench {
namespace {

constexpr std::size_t kDrawn = std::size_t{1} << 20;
constexpr std::uint64_t kScatter = 2'654'435'761;  // prime: ranks next to each other are no neighbours in the table

}  // namespace

FlowChoice FlowChoice::zipf(std::uint64_t live) {
  std::vector<double> up_to(live);  // the weights of all ranks to this one
  double sum = 0;
  for (std::uint64_t rank = 0; rank < live; ++rank) up_to[rank] = sum += 1.0 / static_cast<double>(rank + 1);
  std::mt19937_64 chance{1};
  std::uniform_real_distribution<double> place{0, sum};
  std::vector<std::uint32_t> drawn(kDrawn);
  for (std::uint32_t& number : drawn) {
    const auto rank = static_cast<std::uint64_t>(std::upper_bound(up_to.begin(), up_to.end() - 1, place(chance)) - up_to.begin());
    number = static_cast<std::uint32_t>(rank * kScatter % live);
  }
  return FlowChoice{live, std::move(drawn)};
}

}  // namespace tandem::bench
