// SPDX-License-Identifier: Apache-2.0
// All counters of the dataplane at one moment, summed and in plain numbers: what status, metrics and rates are made of.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/api/types.h"
#include "common/base/clock.h"
#include "common/base/ids.h"

namespace tandem {

// One backend slot, summed over workers.
struct BackendSums {
  std::uint64_t received_packets = 0, received_bytes = 0, transmitted_packets = 0, transmitted_bytes = 0;
  std::uint64_t new_connections = 0, lent = 0, exceptions = 0, closed_finished = 0, closed_reset = 0, closed_expired = 0, closed_cut = 0;
  std::uint64_t unanswered_syns = 0, opened = 0, removed = 0, lingering = 0;
  std::uint64_t answered = 0, refused = 0;

  // Connections that are open: entries less those that have closed and linger. Read while workers count, so never below 0.
  std::uint64_t live() const { return opened > removed + lingering ? opened - removed - lingering : 0; }
  BackendSums& operator+=(const BackendSums& other);
  BackendSums& operator-=(const BackendSums& other);
};

struct Sample {
  Instant at;
  api::Balance balance;
  std::vector<BackendSums> slots;  // by BackendSlot
  std::vector<api::Worker> workers;
  std::vector<api::Port> ports;
  std::vector<api::Source> sources;
  std::map<std::string, api::Counts> limited;  // by service that has limits: packets over them, by kind
  std::vector<api::Pool> pools;
  std::vector<api::Heap> heaps;

  BackendSums of(const std::vector<BackendSlot>& slots_of_backend) const;
  std::uint64_t dropped_total() const;
  std::uint64_t dropped(const std::string& reason) const;
  std::uint64_t new_connections_total() const;
};

// The last minute in samples of one second: what "per second" and "1 min peak" mean.
class RateWindow {
 public:
  static constexpr std::size_t kSeconds = 61;

  void add(Sample sample);
  const Sample* latest() const { return samples_.empty() ? nullptr : &samples_.back(); }
  api::Rates now() const;   // over the last second sampled
  api::Rates peak() const;  // the busiest second of each, within the window
  double new_connections_per_second(const std::vector<BackendSlot>& slots) const;
  double drops_per_second(const std::string& reason) const;

 private:
  const Sample* before_latest() const { return samples_.size() < 2 ? nullptr : &samples_[samples_.size() - 2]; }

  std::deque<Sample> samples_;
};

}  // namespace tandem
