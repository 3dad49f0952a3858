// SPDX-License-Identifier: Apache-2.0
// What must hold at every moment, seen from outside: while either node hears the other, exactly one serves each group; a node that is
// alone and well serves all; nobody takes over for a silence that was none; no heartbeat leaves after its deadline.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "controlplane/ha/paths.h"
#include "tests/sim/sim_node.h"
#include "tests/sim/wires.h"

namespace tandem::sim {

class Watcher {
 public:
  using Nodes = std::array<std::unique_ptr<SimNode>, 2>;
  using Say = std::function<void(const std::string&)>;

  Watcher(const Nodes& nodes, const Wires& wires, Say say) : nodes_{nodes}, wires_{wires}, say_{std::move(say)} {}

  std::optional<std::string> look(Instant now);      // nothing: all holds
  std::optional<std::string> find_homeless() const;  // after a quiet time every group is with the node that it prefers

  Nanoseconds both_heard_for(Instant now) const { return both_hear_.for_how_long(now); }  // and ran: each could learn
  Nanoseconds home_for(Instant now) const { return home_.for_how_long(now); }
  unsigned takeovers() const { return takeovers_; }

 private:
  void look_around(Instant now);
  std::optional<std::string> watch_roles(std::size_t node, std::size_t group, Instant now);
  std::optional<std::string> judge_node(std::size_t node, Instant now) const;
  std::optional<std::string> judge_service(std::size_t node, std::size_t group, Instant now) const;
  bool is_heard(std::size_t node) const;
  bool is_any_path_whole() const;
  bool is_calm() const;
  bool do_both_hear() const;

  const Nodes& nodes_;
  const Wires& wires_;
  Say say_;
  ha::Lasting both_hear_, home_;
  ha::Lasting calm_;                            // both run and one hears the other well
  ha::Lasting whole_;                           // some path carries everything, both ways
  std::array<ha::Lasting, 2> alone_, running_;  // alone: the other is dead, this one runs
  std::array<ha::Lasting, 2> unfit_;            // this one is, the other is not, and they hear each other
  std::array<ha::Lasting, kGroups> odd_;
  std::array<std::array<bool, kGroups>, 2> served_{};
  unsigned takeovers_ = 0;
};

}  // namespace tandem::sim
