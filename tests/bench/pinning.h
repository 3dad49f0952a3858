// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>
#include <sched.h>

#include "common/base/ensure.h"

namespace tandem::bench {

// The calling thread stays on this core; what shares a core measures the scheduler.
inline void pin_to(unsigned core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  const int failed = pthread_setaffinity_np(pthread_self(), sizeof cores, &cores);
  ensure(failed == 0);
}

}  // namespace tandem::bench
