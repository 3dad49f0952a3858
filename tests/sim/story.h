// SPDX-License-Identifier: Apache-2.0
// One seed's story: two nodes, three paths, and what chance does to them for a minute; then a quiet time, after which all must be
// well. The same seed tells the same story.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <string>

#include "controlplane/ha/paths.h"
#include "tests/sim/clients.h"
#include "tests/sim/sim_node.h"

namespace tandem::sim {

// What the seeds met, so that nobody believes a simulation in which nothing happens.
struct Met {
  unsigned takeovers = 0, splits = 0, one_way_faults = 0, heals = 0, crashes = 0, freezes = 0, link_faults = 0, stalls = 0, planned = 0,
           adoptions = 0, contests = 0;
};

class Story {
 public:
  explicit Story(std::uint64_t seed);

  // Nothing: all held. Else what was broken, and when.
  std::optional<std::string> tell();
  const Met& met() const { return met_; }
  std::vector<std::string> log;  // filled when `verbose`
  bool verbose = false;

 private:
  struct Letter {
    Instant arrives;
    std::uint64_t order;
    std::size_t to, path;
    std::vector<std::uint8_t> bytes;
    bool operator<(const Letter& other) const { return arrives != other.arrives ? arrives > other.arrives : order > other.order; }
  };

  void send(std::size_t from, std::size_t path, std::vector<std::uint8_t> bytes);
  void step();
  std::optional<std::string> live(double events_a_second);
  std::optional<std::string> trouble();
  std::optional<std::string> calm_down();
  std::optional<std::string> compare();
  void happen();  // one thing, by chance
  void heal();
  void boot(std::size_t node);
  void say(const std::string& what);
  std::optional<std::string> judge();
  std::optional<std::string> judge_end() const;
  std::optional<std::string> watch_roles(std::size_t node, std::size_t group);
  void look_around();
  bool chance(double share) { return std::uniform_real_distribution<>{}(engine_) < share; }
  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>{0, below - 1}(engine_); }
  bool is_heard(std::size_t node) const;
  bool is_any_path_whole() const;
  bool is_mute(std::size_t node) const;
  bool is_calm() const;
  bool do_both_hear() const;
  bool is_home() const;
  static constexpr std::size_t path_of_clients() { return ha::path_of_lan(0); }

  std::uint64_t seed_;
  std::mt19937_64 engine_;
  Instant now_{1h};
  std::uint64_t order_ = 0, boots_ = 1;
  std::array<std::unique_ptr<SimNode>, 2> nodes_;
  Clients clients_{engine_, nodes_, [this](std::size_t from) { return loss_[from][path_of_clients()] == 0; }};
  std::array<std::array<double, kPaths>, 2> loss_{};  // share lost, by sender and path
  double late_ = 0;                                   // share of letters that come late, and so out of order
  std::priority_queue<Letter> letters_;
  ha::Lasting both_hear_;             // and run, so that each can learn what the other knows
  ha::Lasting calm_;                  // both run and one hears the other well
  std::array<ha::Lasting, 2> alone_;  // the other is dead, this one runs
  std::array<ha::Lasting, 2> unfit_;  // this one is, the other is not, and they hear each other
  std::array<ha::Lasting, kGroups> odd_;
  ha::Lasting home_;   // every group is where it belongs
  ha::Lasting whole_;  // some path carries everything, both ways
  std::array<ha::Lasting, 2> running_;
  std::array<std::array<bool, kGroups>, 2> served_{};
  Met met_;
};

}  // namespace tandem::sim
