// SPDX-License-Identifier: Apache-2.0
// The daemon's hold on the kernel, port by port and by the twin's kind: the mirror of addresses, routes and neighbours; who is
// kept resolved; TAP twins; the steering maps of XDP programs; the ingress drop beside af_packet ports. Threads: the loop's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/api/event_log.h"
#include "controlplane/config/build.h"
#include "controlplane/kernel/ingress_drop.h"
#include "controlplane/kernel/mirror.h"
#include "controlplane/kernel/neighbours.h"
#include "controlplane/kernel/steering.h"
#include "controlplane/kernel/twin.h"
#include "controlplane/kernel/vip_probes.h"
#include "controlplane/loop/loop.h"
#include "dataplane/dataplane.h"

namespace tandem {

class KernelSide {
 public:
  struct Settings {
    std::string bpf_dir;
    bool ingress_drop = true;
  };

  KernelSide(Loop& loop, const Clock& clock, EventLog& events, Dataplane& dataplane);
  ~KernelSide();

  // `changed` comes whenever the kernel's view has changed; view() is complete on return.
  Result<> start(const Settings& settings, std::function<void()> changed);
  Result<> hide_from_kernel(const Generation& first);  // installs the ingress drops, before workers run
  Result<> start_twins();                              // once workers run
  Result<> open_probes();                              // needed by checks that ask for a VIP; a second call does nothing
  config::Network network() const;                     // the kernel's view as the builder takes it

  void feed_maps(const Generation& next);  // before it is published, and when roles have changed
  void feed_probes(const std::vector<VipProbe>& wanted);
  void after_publish(const Generation& current, const std::vector<config::NextHopKey>& wanted);
  void want_client(PortId port, std::uint16_t vlan, const IpAddress& address);
  void link_changed(const PortState& port);
  std::string interface_of(PortId port) const;  // the kernel's name of what stands beside the port; empty: nothing

 private:
  struct Steered {
    PortId port{};
    std::string name;
    SteeringMaps maps;
  };
  struct Hidden {
    PortId port{};
    std::string name, interface;
    std::optional<IngressDrop> drop;
  };

  Result<> start_port(const PortState& port, const Settings& settings);
  SteeringFacts facts() const;

  Loop& loop_;
  EventLog& events_;
  Dataplane& dataplane_;
  Mirror mirror_;
  Neighbours neighbours_;
  Twins twins_;
  std::string bpf_dir_;
  bool has_twins_ = false;
  std::vector<PortInterface> interfaces_;
  std::vector<Steered> steered_;
  std::vector<Hidden> hidden_;
  std::optional<VipProbes> probes_;  // behind hidden_, which may have made the clsact: taken off first
};

}  // namespace tandem
