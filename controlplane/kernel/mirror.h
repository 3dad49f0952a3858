// SPDX-License-Identifier: Apache-2.0
// Follows the kernel's links, addresses, routes and neighbours by netlink and keeps a NetworkView of the interfaces beside our
// ports. Links, addresses and neighbours are followed by their notifications; routes are dumped anew whenever something moved
// that can change them, because the kernel drops IPv4 routes of a link that goes down, or of an address that goes away, without
// a word. Lost notifications (ENOBUFS) end in a dump of everything.
// Threads: the loop's. Network namespace: that of the thread that calls start().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controlplane/kernel/messages.h"
#include "controlplane/kernel/netlink.h"
#include "controlplane/kernel/network_view.h"
#include "controlplane/loop/loop.h"

namespace tandem {

// The kernel interface beside a port: the port's own (af_packet, af_xdp), or its TAP twin's.
struct PortInterface {
  PortId port{};
  std::string interface;

  friend bool operator==(const PortInterface&, const PortInterface&) = default;
};

// What the kernel has told, by interface.
struct KernelTables {
  std::map<int, LinkMessage> links;
  std::set<AddressMessage> addresses;
  std::set<RouteMessage> routes;
  std::map<std::pair<int, IpAddress>, KernelNeighbour> neighbours;

  // Takes in one notification or part of a dump. True when it changed something; routes only mark `routes_stale`.
  bool take(const nlmsghdr& message);
  bool routes_stale = false;
};

// The interfaces named, and the VLAN interfaces on top of them.
NetworkView view_of(const KernelTables& tables, const std::vector<PortInterface>& ports);

// True when forwarding can tell the two apart: a neighbour that only went from reachable to stale is no difference.
bool differs(const NetworkView& a, const NetworkView& b);

class Mirror {
 public:
  using Changed = std::function<void(const NetworkView&)>;
  static constexpr std::chrono::milliseconds kCoalesce{10};

  explicit Mirror(Loop& loop) : loop_{loop} {}

  // Dumps everything; view() is complete when it returns. `changed` is called later, kCoalesce or more after a change.
  Result<> start(std::vector<PortInterface> ports, Changed changed);
  void follow(std::vector<PortInterface> ports);  // other ports, at a reload

  const NetworkView& view() const { return view_; }
  std::uint64_t resyncs() const { return resyncs_; }                // dumps after lost notifications
  const std::optional<Error>& trouble() const { return trouble_; }  // why the view may be old, if it may

 private:
  Result<> dump_all();
  Result<> dump_routes();
  void on_notifications();
  void schedule(Nanoseconds delay);
  void flush();

  Loop& loop_;
  std::vector<PortInterface> ports_;
  Changed changed_;
  std::optional<NetlinkSocket> news_, requests_;
  Loop::Handle readable_, timer_;
  KernelTables tables_;
  NetworkView view_;
  bool scheduled_ = false, resync_ = false;
  Nanoseconds dump_time_{};
  std::uint64_t resyncs_ = 0;
  std::optional<Error> trouble_;
};

}  // namespace tandem
