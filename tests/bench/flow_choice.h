// SPDX-License-Identifier: Apache-2.0
// Which of the live flows the next packets are of: each as often as any other, or a few of them most of the time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tandem::bench {

class FlowChoice {
 public:
  static FlowChoice uniform(std::uint64_t live) { return FlowChoice{live, {}}; }
  static FlowChoice zipf(std::uint64_t live);  // the flow of rank n with a probability of 1/n, times a constant

  void choose(std::span<std::uint64_t> numbers) noexcept {
    for (std::uint64_t& number : numbers) number = drawn_.empty() ? any() : drawn_[next_++ % drawn_.size()];
  }

 private:
  FlowChoice(std::uint64_t live, std::vector<std::uint32_t> drawn) : live_{live}, drawn_{std::move(drawn)} {}
  std::uint64_t any() noexcept {
    random_ ^= random_ << 13, random_ ^= random_ >> 7, random_ ^= random_ << 17;
    return (random_ >> 32) * live_ >> 32;
  }

  std::uint64_t live_, random_ = 88172645463325252U;
  std::vector<std::uint32_t> drawn_;  // beforehand, where drawing costs more than a packet
  std::size_t next_ = 0;
};

}  // namespace tandem::bench
