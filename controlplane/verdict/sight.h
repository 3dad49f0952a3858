// SPDX-License-Identifier: Apache-2.0
// What is said of a backend, by two nodes: what each one's own checks saw, and the verdict that holds for new connections. Pure.
#pragma once

#include <cstdint>

namespace tandem::verdict {

// failing: up so far, but its last check was bad.
enum class Sight : std::uint8_t { unknown, up, failing, down };

enum class Verdict : std::uint8_t { unknown, up, down };

constexpr Verdict verdict_of(Sight sight) {
  if (sight == Sight::unknown) return Verdict::unknown;
  return sight == Sight::down ? Verdict::down : Verdict::up;
}

}  // namespace tandem::verdict
