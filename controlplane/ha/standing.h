// SPDX-License-Identifier: Apache-2.0
// How fit a node is to serve one group, so that two nodes that know the same say the same of who is the fitter. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include "controlplane/ha/hello.h"

namespace tandem::ha {

// In the order of their weight. A LAN's witnesses count only where the nodes do not hear each other: an idle LAN is no fault.
struct Fitness {
  bool ready = false, workers = false;
  std::uint8_t links = 0;
  bool reaches_backends = true;  // false: most of a service's fail for this node alone
  std::uint8_t witnesses = 0;

  friend auto operator<=>(const Fitness&, const Fitness&) = default;
};

// One LAN of the group, and whether the nodes have not heard each other on it for long enough to ask for witnesses.
struct LanInQuestion {
  NameKey lan = 0;
  bool silent = false;
};

Fitness fitness_of(const Hello& node, NameKey group, std::span<const LanInQuestion> lans);

// May serve at all: somebody with all links down or all workers still does nobody any good.
constexpr bool can_serve(const Fitness& fitness) { return fitness.workers && fitness.links > 0; }

}  // namespace tandem::ha
