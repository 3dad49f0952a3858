// SPDX-License-Identifier: Apache-2.0
// The way of checks that ask a backend for its VIP (`via = "vip"`): two programs of dataplane/bpf/vip_probe.bpf.c on the interfaces
// beside our ports, and the table they read. docs/design/health.md has the whole way.
// Threads: one. Network namespace: that of the thread that calls install(), and destroys it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/net/address.h"
#include "controlplane/kernel/tc_hook.h"
#include "dataplane/bpf/vip_probe_maps.h"
#include "dataplane/model/tunnel.h"

namespace tandem {

// A check's socket is connected to TCP port 0 of `backend`, with `mark` as its DSCP; the node sends it to the VIP's port.
struct VipProbe {
  IpAddress backend;
  std::uint8_t mark = 0;
  IpAddress vip;  // of the backend's family
  std::uint16_t port = 0;
  TunnelView tunnel{};  // without one the frame goes to the backend's MAC as it is
};

ProbeKey probe_key(const VipProbe& probe);
ProbeWay probe_way(const VipProbe& probe);

class VipProbes {
 public:
  // Attached with an empty table: probes are refused until follow() says where they go.
  static Result<VipProbes> install(const std::string& object, const std::set<std::string>& interfaces);

  Result<> follow(const std::vector<VipProbe>& wanted);  // writes what differs, additions first

 private:
  struct CloseObject {
    void operator()(bpf_object* object) const;
  };
  // Taken down from the last: the side that came first made the clsact.
  struct Sides {
    TcHook out, in;
  };
  struct ByteLess {
    bool operator()(const ProbeKey& a, const ProbeKey& b) const;
  };
  using Table = std::map<ProbeKey, ProbeWay, ByteLess>;

  VipProbes() = default;
  Result<> attach(const std::string& interface);
  Result<> put(const Table& wanted);
  Result<> drop_others(const Table& wanted);

  std::unique_ptr<bpf_object, CloseObject> object_;
  int ways_ = -1;  // the object's
  Table held_;
  std::vector<Sides> sides_;
};

}  // namespace tandem
