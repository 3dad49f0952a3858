// SPDX-License-Identifier: Apache-2.0
#include "common/base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace tandem {

void ensure_failed(const std::source_location& where) noexcept {
  std::fprintf(stderr, "%s:%u: ensure failed in %s\n", where.file_name(), static_cast<unsigned>(where.line()), where.function_name());
  std::abort();
}

}  // namespace tandem
