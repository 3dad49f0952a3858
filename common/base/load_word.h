// SPDX-License-Identifier: Apache-2.0
// Eight bytes of anything by one load: what is put together in an array would go by way of the stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tandem {

inline std::uint64_t load_word(const void* of, std::size_t at = 0) noexcept {
  std::uint64_t word;
  std::memcpy(&word, static_cast<const std::byte*>(of) + at, sizeof word);
  return word;
}

}  // namespace tandem
