// SPDX-License-Identifier: Apache-2.0
// What a scenario gave to the workers and what it saw of it again, counted outside the pipeline, held against the pipeline's
// own counters. Over all workers, at any moment between bursts (design.md):
//   rx + injected + originated = sent + consumed + punted + dropped + held + in flight
// in flight: handed over, not yet at its owner.
#pragma once

#include <map>
#include <span>
#include <string>

#include "dataplane/stats/counters.h"

namespace tandem::test {

struct Balance {
  std::uint64_t rx = 0, injected = 0;             // what the scenario gave
  std::uint64_t sent = 0, punted = 0;             // what it saw leave
  std::uint64_t to_pair = 0;                      // what it took for the pair's thread: the worker counts these as consumed
  std::uint64_t handed_out = 0, handed_in = 0;    // what it carried between workers
  std::uint64_t held = 0;                         // what waits for a neighbour now
  std::map<std::string, std::uint64_t> given_up;  // held in vain, by reason: the worker counts these, not the pipeline
};

// Empty when it holds, else "the balance does not hold: …" with every term.
std::string what_is_missing(const Balance& seen, std::span<const WorkerCounters* const> counters);

}  // namespace tandem::test
