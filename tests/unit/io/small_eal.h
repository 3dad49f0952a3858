// SPDX-License-Identifier: Apache-2.0
// EAL on 4 KiB pages for the tests of one process; whichever test comes first starts it.
#pragma once

#include "dataplane/io/eal.h"

namespace tandem {

inline Result<EalState> small_eal() {
  static const Result<EalState> state = start_eal({.hugepages = HugepageWish::off, .memory_bytes = 128 << 20});
  return state;
}

}  // namespace tandem
