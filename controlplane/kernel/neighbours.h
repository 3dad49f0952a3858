// SPDX-License-Identifier: Apache-2.0
// Asks the kernel to keep the addresses that forwarding needs resolved: backends and gateways for as long as they are wanted,
// clients on link for as long as workers asked for them lately. Where the kernel has NTF_EXT_MANAGED (Linux 5.16) it probes by
// itself from then on; elsewhere the flag is ignored, and the same request (NTF_USE) is repeated every kPeriod.
// The mirror tells which is which: an entry that it does not show as managed is asked for again, so entries that somebody
// flushed, or that a link's fall took away, come back too. Entries set by the operator are left alone.
// Threads: the loop's.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "common/base/clock.h"
#include "controlplane/kernel/mirror.h"
#include "controlplane/kernel/netlink.h"
#include "controlplane/loop/loop.h"

namespace tandem {

struct WantedNeighbour {
  PortId port{};
  std::uint16_t vlan = 0;
  IpAddress address;

  friend auto operator<=>(const WantedNeighbour&, const WantedNeighbour&) = default;
};

class Neighbours {
 public:
  static constexpr std::chrono::seconds kPeriod{5};
  // A client is asked for once, when its first connection comes; then it is kept as long as a connection may idle.
  static constexpr std::chrono::minutes kClientLife{15};
  // A sweep through an IPv6 LAN must not fill the kernel's table (gc_thresh3 is 1024).
  static constexpr std::size_t kMaxClients = 512;

  Neighbours(Loop& loop, const Mirror& mirror, const Clock& clock) : loop_{loop}, mirror_{mirror}, clock_{clock} {}

  Result<> start();                                 // in the network namespace of the caller, as the mirror
  void want(std::set<WantedNeighbour> lasting);     // all backends and gateways of the newest generation
  void want_client(const WantedNeighbour& client);  // a worker asked; beyond kMaxClients it is refused and counted
  void refresh();                                   // every kPeriod by itself
  std::uint64_t refused() const { return refused_; }
  std::size_t clients() const { return clients_.size(); }

 private:
  void ask(const WantedNeighbour& wanted);
  void forget(const WantedNeighbour& unwanted);
  void send(const WantedNeighbour& neighbour, bool managed);

  Loop& loop_;
  const Mirror& mirror_;
  const Clock& clock_;
  std::optional<NetlinkSocket> requests_;
  Loop::Handle timer_;
  std::set<WantedNeighbour> lasting_;
  std::map<WantedNeighbour, Instant> clients_;  // and when they were last asked for
  std::uint64_t refused_ = 0;
};

}  // namespace tandem
