// SPDX-License-Identifier: Apache-2.0
// What became of a crowd. Of a run with a kill in it: who was established at that moment, and how old, of those that did not live.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "tests/load/stream.h"

namespace tandem::load {

using Streams = std::vector<std::unique_ptr<Stream>>;

nlohmann::json report_of(const Streams& streams, std::optional<Instant> killed, std::size_t burst_begins);

}  // namespace tandem::load
