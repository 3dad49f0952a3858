// SPDX-License-Identifier: Apache-2.0
// The hash seed: 32 secret random bytes made at first start, from which every key of tables and schedules derives. Who knows
// it can choose flows that collide, so its file is the daemon's alone.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/net/siphash.h"

namespace tandem::config {

// Reads the file, or makes it (0600). Refuses one of another size, or one that others may read or write.
Result<HashSeed> load_or_make_seed(const std::string& path);
Result<HashSeed> load_seed(const std::string& path);

// For replay without --seed: the same input gives the same output everywhere. Known to everyone, so never for live traffic.
const HashSeed& replay_seed();

}  // namespace tandem::config
