// SPDX-License-Identifier: Apache-2.0
// Into which cells of the scenario matrix a story's packets fall. It is measured at every packet, so that no list of who covers what can
// drift from what is sent; scripts/lib/packet_matrix.py lays the cells of all stories side by side and names the empty ones.
// A cell: method, families of client and servers, whom the packet comes from, and its kind (tcp, udp, icmp-error, fragment) or an edge
// that it is at (kEdges); with it what became of the packet: forwarded, held, punted, or the name of a drop reason.
#pragma once

#include <set>
#include <string>

#include "tests/support/bare_worker.h"

namespace tandem::test {

// Named as packet_matrix.py numbers and explains them.
inline constexpr std::array<const char*, 12> kEdges{"options", "tagged",   "marked",    "last-hop", "too-long", "unsummed",
                                                    "padded",  "segments", "wrong-sum", "waits",    "handed",   "group-mac"};

class CellsSeen {
 public:
  // One frame, alone in its burst, and what came of it.
  void see(const World& world, const Bytes& frame, std::size_t segments, const Outcome& outcome);

  // "nat/4/client/tcp=forwarded …": every cell with every result, in order.
  std::string text() const;

 private:
  std::set<std::string> seen_;
};

}  // namespace tandem::test
