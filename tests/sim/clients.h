// SPDX-License-Identifier: Apache-2.0
// Clients of the simulation: they open connections at whoever serves their group, speak, and close. A connection that both nodes
// knew must keep its backend through whatever happens to either; one that was too young to be told keeps it if the schedule alone
// gives it again, and is otherwise begun anew. The
// same holds for those that lived through a split: of two nodes that both serve, either may be the one that is believed.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "tests/sim/sim_node.h"

namespace tandem::sim {

class Clients {
 public:
  using Nodes = std::array<std::unique_ptr<SimNode>, 2>;

  Clients(std::mt19937_64& engine, Nodes& nodes) : engine_{engine}, nodes_{nodes} {}

  // A little of everything. Nothing: all is well.
  std::optional<std::string> act(Instant now);
  void node_forgot(std::size_t node);  // it crashed: what it knew is gone
  void settle() { resting_ = true; }   // nobody speaks any more, so that tables can become equal
  std::optional<std::string> compare_tables() const;

  unsigned adopted() const { return adopted_; }
  unsigned young() const { return young_; }

 private:
  static constexpr std::uint16_t kBackends = 3, kPorts = 300;
  struct Flow {
    std::size_t group = 0;
    std::uint16_t backend = 0;
    bool derivable = false;
    ConnOrder order;
    std::array<bool, 2> known{};  // this node had it, and did not crash since
    bool split = false;           // both nodes served its group while it lived: the other's word of an older life of this port may end it
  };

  std::optional<std::size_t> server_of(std::size_t group, std::uint16_t port) const;
  bool is_split(std::size_t group) const { return split_until_[group] > now_; }
  void watch_splits();
  void open(std::uint16_t port);
  std::optional<std::string> speak(std::uint16_t port, Flow& flow);
  void note_who_knows();
  static std::uint16_t first_candidate(std::uint16_t port) { return static_cast<std::uint16_t>(port * 2654435761U >> 16) % kBackends; }

  std::mt19937_64& engine_;
  Nodes& nodes_;
  std::map<std::uint16_t, Flow> flows_;
  Instant now_;
  std::array<Instant, kGroups> split_until_{};  // a split counts until each has heard of its end
  bool resting_ = false;
  unsigned adopted_ = 0, young_ = 0;
};

}  // namespace tandem::sim
