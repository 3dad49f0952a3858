// SPDX-License-Identifier: Apache-2.0
// Tells the LANs where our VIPs are, unasked: gratuitous ARP (RFC 5227 3, RFC 826) and unsolicited neighbour advertisements
// (RFC 4861 7.2.6). Once at once and kRepeats more over a second: one frame may be lost, and a switch or router that still
// believes in another box is a hole of minutes. Threads: the loop's.
#pragma once

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "controlplane/config/build.h"
#include "controlplane/ha/frame.h"
#include "controlplane/loop/loop.h"
#include "dataplane/model/generation.h"

namespace tandem {

using ha::FrameBytes;

class Announcer {
 public:
  static constexpr int kRepeats = 3;
  static constexpr std::chrono::milliseconds kApart{333};

  using Send = std::function<void(PortId, const FrameBytes&)>;

  Announcer(Loop& loop, Send send) : loop_{loop}, send_{std::move(send)} {}

  // VIPs of no group that this generation has and the last one had not are announced; a group's are the pair's. `lans_of` says where.
  void generation_changed(const Generation& generation, const std::function<std::vector<config::Lan>(const IpAddress&)>& lans_of);
  void announce_again() { announced_.clear(); }  // a link came back: its switch has forgotten

 private:
  struct Pending {
    PortId port{};
    FrameBytes frame;
    int left = 0;
  };

  void burst();

  Loop& loop_;
  Send send_;
  Loop::Handle timer_;
  std::set<std::pair<IpAddress, config::Lan>> announced_;
  std::vector<Pending> pending_;
};

}  // namespace tandem
