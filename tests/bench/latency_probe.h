// SPDX-License-Identifier: Apache-2.0
// Sends packets of established connections at a pace that waits for nobody, clients' at the first port and replies at the second, and
// notes how long each was under way: from the moment it was due, so that one that had to wait to be sent counts (no coordinated
// omission), to the moment it is received at the other port. The moment travels behind the IP packet, as Ethernet padding.
// Threads: one.
#pragma once

#include <array>
#include <vector>

#include "dataplane/io/wire.h"
#include "tests/bench/flow_choice.h"
#include "tests/bench/packet_source.h"

namespace tandem::bench {

class LatencyProbe {
 public:
  struct Seen {
    std::uint64_t sent = 0, received = 0;
    double seconds = 0;
    std::vector<float> cycles;  // of each packet that came, sorted
    double quantile_us(double part, double tsc_hz) const;
  };

  LatencyProbe(Wire& wire, rte_mempool* pool, std::uint64_t live, double tsc_hz);
  Seen run(double packets_per_second, double seconds);  // packets_per_second 0: as many as the cables take

 private:
  struct Way {
    PacketSource source;
    PortId port;
  };
  std::size_t send(Way& way, std::size_t count, std::uint64_t first_due, double cycles_between);
  void receive(Seen& seen);

  Wire& wire_;
  double tsc_hz_;
  FlowChoice choice_;
  std::array<Way, 2> ways_;
};

}  // namespace tandem::bench
