// SPDX-License-Identifier: Apache-2.0
// As many production workers as asked for over a wire that is handed in, in the network of pipeline_network(), each with the
// established connections that are its own. They never sleep.
// Threads: one, which starts and stops the workers' own; counters may be read meanwhile.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "dataplane/worker/crew.h"
#include "tests/bench/established.h"
#include "tests/support/world.h"

namespace tandem::bench {

struct TeamWish {
  unsigned workers = 1;
  std::uint64_t live = 0;  // connections of nat, IPv4: of all workers together
  bool hugepages = false;
  double tsc_hz = 0;
};

struct Forwarded {
  std::uint64_t sent = 0, dropped = 0, busy_cycles = 0, cycles = 0;

  Forwarded operator-(const Forwarded& before) const {
    return {sent - before.sent, dropped - before.dropped, busy_cycles - before.busy_cycles, cycles - before.cycles};
  }
};

class Team {
 public:
  Team(Wire& wire, const TeamWish& wish);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  void start(std::span<const unsigned> cores);
  void stop() { crew_.stop(); }
  Forwarded forwarded() const;  // so far, of all workers
  std::vector<std::vector<std::uint32_t>> numbers_by_owner() const { return numbers_; }

 private:
  SteadyClock clock_;
  Publisher publisher_;
  Fabric fabric_;
  PuntRates punt_rates_{{2000, 10000, 1000}, true};
  Bell punt_bell_;
  PortLosses losses_;
  PairDesk pair_;
  test::World network_;
  std::vector<std::vector<std::uint32_t>> numbers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Crew crew_;
};

}  // namespace tandem::bench
