// SPDX-License-Identifier: Apache-2.0
// What became of an ICMP error, whoever made it.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

inline void count_error(const Pass& pass, IcmpErrorFate fate) noexcept {
  pass.counters().icmp_errors[static_cast<std::size_t>(fate)].add();
}

}  // namespace tandem
