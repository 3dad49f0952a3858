// SPDX-License-Identifier: Apache-2.0
// For each backend, whom its frames are sent to: itself where a route says on link, else a gateway. A changed route asks
// again only for the backends that its prefix holds, so that a route's coming or going costs little among ten thousand.
// Threads: one control thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "controlplane/config/resolve.h"
#include "dataplane/model/routes.h"

namespace tandem::config {

struct HopTarget {
  BackendSlot slot{};
  IpAddress address;
  bool on_link_only = false;  // l2-dsr: a frame bears the VIP as destination, so a gateway would send it back

  friend bool operator==(const HopTarget&, const HopTarget&) = default;
};

class NextHops {
 public:
  void set_targets(std::vector<HopTarget> targets);
  void set_routes(std::vector<RouteEntry> routes);
  void set_peers(std::vector<NextHopKey> peers);  // the other node on each LAN: kept resolved too
  void set_asked(std::vector<IpAddress> vips);    // VIPs that checks ask backends for: their answers come by that name

  struct Changed {
    bool backends = false, gateways = false;  // gateways: peers and asked VIPs too
  };
  Changed take_changed();  // whose next hops, since it was asked last

  std::span<const HopTarget> targets() const { return targets_; }
  std::span<const std::optional<NextHopKey>> keys() const { return keys_; }  // by place in targets(); none: no route
  std::vector<NextHopKey> wanted() const;                                    // next hops, gateways and peers, sorted
  std::vector<IpAddress> known() const;                                      // backends, gateways, peers, asked VIPs, sorted

 private:
  std::optional<NextHopKey> look_up(const HopTarget& target) const;
  void sort_keys();

  Routes ways_;
  std::vector<NextHopKey> gateways_, peers_;  // sorted
  std::vector<IpAddress> asked_;              // sorted
  std::vector<HopTarget> targets_;
  std::vector<std::optional<NextHopKey>> keys_;
  std::vector<NextHopKey> sorted_keys_;  // kept so that a gateway's change sorts nothing
  std::vector<IpAddress> sorted_addresses_;
  Changed changed_{true, true};
};

}  // namespace tandem::config
