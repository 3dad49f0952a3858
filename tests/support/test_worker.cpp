// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_worker.h"

#include <gtest/gtest.h>

namespace tandem::test {

TestWorker::TestWorker(World& world, WorkerId self, std::size_t connections, Tick start)
    : BareWorker{world, [](const std::string& what_is_wrong) { ADD_FAILURE() << what_is_wrong; }, self, connections, start} {}

}  // namespace tandem::test
