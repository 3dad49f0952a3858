// SPDX-License-Identifier: Apache-2.0
// The worker of tests: what its runs complain of is a failure of the test, so no test needs to ask for the balance.
#pragma once

#include "tests/support/bare_worker.h"

namespace tandem::test {

class TestWorker : public BareWorker {
 public:
  explicit TestWorker(World& world, WorkerId self = WorkerId{0}, std::size_t connections = 4000, Tick start = 0);
};

}  // namespace tandem::test
