// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/progress.h"

#include <x86intrin.h>

#include <algorithm>

namespace tandem {

namespace {

// The first bucket whose bound is not below the value; the last one has no bound.
template <typename Bounds>
std::size_t bucket_of(const Bounds& bounds, std::uint64_t value) {
  return static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin());
}

}  // namespace

Progress::Progress(WorkerCounters& counters, std::uint64_t cycles_per_second)
    : counters_{counters}, cycles_per_us_{std::max<std::uint64_t>(cycles_per_second / 1'000'000, 1)}, last_{__rdtsc()} {}

void Progress::loop_began(Instant now) noexcept {
  began_ = __rdtsc();
  counters_.progress.add();
  counters_.last_loop_ns.set(static_cast<std::uint64_t>(now.since_start.count()));
}

void Progress::burst(std::size_t packets) noexcept {
  (packets == 0 ? counters_.polls_empty : counters_.polls_packets).add();
  counters_.burst_packets[bucket_of(kBurstBuckets, packets)].add();
}

void Progress::loop_ended(bool busy) noexcept {
  const std::uint64_t now = __rdtsc(), cycles = now - began_;
  counters_.total_tsc.add(now - last_);
  last_ = now;
  if (!busy) return counters_.loop_duration[0].add();  // an empty loop takes less than a microsecond, and there are millions
  counters_.busy_tsc.add(cycles);
  const std::uint64_t us = cycles / cycles_per_us_;
  counters_.loop_duration[bucket_of(kLoopBucketsUs, us)].add();
  counters_.loop_duration_sum_us.add(us);
  if (us > counters_.loop_max_us.get()) counters_.loop_max_us.set(us);
}

void Progress::slept() noexcept {
  const std::uint64_t now = __rdtsc();
  counters_.total_tsc.add(now - last_);
  last_ = now;
}

}  // namespace tandem
