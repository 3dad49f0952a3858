// SPDX-License-Identifier: Apache-2.0
// DPDK for tests that let the dataplane start it: with room for whatever the whole program asks for later.
#pragma once

#include "dataplane/io/eal.h"

namespace tandem::test {

inline Result<EalState> own_dpdk() {
  static const Result<EalState> state = start_eal({.hugepages = HugepageWish::off, .memory_bytes = 512 << 20});
  return state;
}

}  // namespace tandem::test
