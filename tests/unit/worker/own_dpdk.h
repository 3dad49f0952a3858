// SPDX-License-Identifier: Apache-2.0
// DPDK for tests that let the dataplane start it: with room for whatever the whole program asks for later.
#pragma once

#include <csignal>

#include "dataplane/io/eal.h"

namespace tandem::test {

// A virtio_user end speaks once more on its socket when the vhost end has closed: as tandemd, the test must outlive that.
inline Result<EalState> own_dpdk() {
  std::signal(SIGPIPE, SIG_IGN);
  static const Result<EalState> state = start_eal({.hugepages = HugepageWish::off, .memory_bytes = 512 << 20});
  return state;
}

}  // namespace tandem::test
