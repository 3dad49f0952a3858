// SPDX-License-Identifier: Apache-2.0
// A statement the next line relies on. It stays on in every build: ensure() is for our own mistakes, Result for the world's.
#pragma once

#include <source_location>

namespace tandem {

[[noreturn]] void ensure_failed(const std::source_location& where) noexcept;

inline void ensure(bool holds, const std::source_location& where = std::source_location::current()) noexcept {
  if (!holds) [[unlikely]]
    ensure_failed(where);
}

}  // namespace tandem
