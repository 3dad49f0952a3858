// SPDX-License-Identifier: Apache-2.0
// What `rate asks` sends to `rate answers`: how many bytes it wants, and whether the connection ends with them. In this machine's
// byte order: both ends are on it.
#pragma once

#include <array>
#include <cstdint>

namespace tandem::load {

struct Ask {
  std::uint32_t bytes = 0, last = 0;
  std::array<std::uint8_t, 56> rest{};  // of a small request
};
static_assert(sizeof(Ask) == 64);

}  // namespace tandem::load
