// SPDX-License-Identifier: Apache-2.0
// The patterns whose packets are measured, by name, and how: each by itself, or in turns with the one that it is held against.
#pragma once

#include <rte_mempool.h>

#include <cstdint>
#include <span>
#include <string>

#include "tests/bench/pipeline_chunks.h"

namespace tandem::bench {

struct Case {
  const char* name;
  Pattern pattern;
};

struct Comparison {
  Case subject, reference;
};

std::span<const Case> plain_cases();
std::span<const Comparison> comparisons();
const Case* find_case(const std::string& name);  // of either; null: there is none

// A benchmark's surroundings: how many connections live, how long it goes on, where its row goes.
struct Trial {
  rte_mempool* pool;
  std::uint64_t live;
  const char* size;  // in words
  std::size_t rounds;
  bool hugepages;
  Report& report;
};

void measure(PipelineWorld& world, const Trial& trial, const Case& one);
void measure_stages(PipelineWorld& world, const Trial& trial, const Case& one);
void compare(PipelineWorld& world, const Trial& trial, const Comparison& both);

}  // namespace tandem::bench
