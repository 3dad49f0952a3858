// SPDX-License-Identifier: Apache-2.0
// One seed's story: two nodes, three paths, and what chance does to them for a while; then a quiet time, after which all must be
// well. The same seed tells the same story. Each seed has a temper of its own: some kinds of trouble come often, some never, so that
// few seeds meet much of everything.
#pragma once

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/sim/clients.h"
#include "tests/sim/watcher.h"

namespace tandem::sim {

// What the seeds met, so that nobody believes a simulation in which nothing happens.
struct Met {
  unsigned takeovers = 0, splits = 0, one_way_faults = 0, heals = 0, crashes = 0, freezes = 0, link_faults = 0, stalls = 0, planned = 0,
           adoptions = 0, contests = 0;
};

enum class Event : std::uint8_t { crash, boot, freeze, thaw, one_way, mute, partition, loss, late, heal, link, stall, failover, count_ };

class Story {
 public:
  explicit Story(std::uint64_t seed);

  // Nothing: all held. Else what was broken, and when.
  std::optional<std::string> tell();
  const Met& met() const { return met_; }
  std::vector<std::string> log;  // filled when `verbose`
  bool verbose = false;
  std::uint64_t client = kClients;  // of whom the log tells what the nodes know; as it is: of nobody

 private:
  // story.cpp: time.
  std::optional<std::string> live();
  std::optional<std::string> trouble();
  std::optional<std::string> calm_down();
  std::optional<std::string> compare();
  std::string when(const std::string& what) const;
  void say(const std::string& what);
  void watch_client();
  bool is_due(Nanoseconds every) const { return (now_ - Instant{1h}) % every == Nanoseconds{0}; }

  // events.cpp: what chance does.
  void take_temper();
  void happen(Event event);
  Event next_event() { return static_cast<Event>(temper_(engine_)); }
  void boot(std::size_t node);
  void crash(std::size_t node);
  void heal();
  void break_link(std::size_t node, std::size_t lan);
  void stall(std::size_t node);
  void fail_over(std::size_t node, std::size_t group);
  bool chance(double share) { return std::uniform_real_distribution<>{}(engine_) < share; }
  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>{0, below - 1}(engine_); }

  std::uint64_t seed_;
  std::mt19937_64 engine_;
  std::discrete_distribution<int> temper_;
  Instant now_{1h};
  std::uint64_t boots_ = 1;
  Wires wires_{engine_};
  std::array<std::unique_ptr<SimNode>, 2> nodes_;
  Clients clients_{engine_, nodes_, [this](std::size_t from) { return wires_.carries(from, ha::path_of_lan(0)); }};
  Watcher watcher_{nodes_, wires_, [this](const std::string& what) { say(what); }};
  Met met_;
  std::array<std::string, 2> of_client_;  // what was said last
};

}  // namespace tandem::sim
