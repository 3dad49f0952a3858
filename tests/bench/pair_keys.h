// SPDX-License-Identifier: Apache-2.0
// Keys that both nodes of a benchmark have, from a chance that is always the same.
#pragma once

#include <memory>
#include <random>

#include "controlplane/sync/keys.h"

namespace tandem::bench {

inline sync::Chance bench_chance(std::uint64_t seed) {
  return [random = std::mt19937_64{seed}](std::span<std::uint8_t> into) mutable {
    for (std::uint8_t& byte : into) byte = static_cast<std::uint8_t>(random());
  };
}

inline sync::PairKeys bench_keys() { return sync::make_keys(bench_chance(7)); }

}  // namespace tandem::bench
