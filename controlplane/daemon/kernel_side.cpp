// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/kernel_side.h"

#include <set>
#include <utility>

namespace tandem {
namespace {

config::LanState lan_state(const LanView& view) {
  config::LanState out{{view.port, view.vlan}, view.addresses, {}, {}};
  for (const KernelRoute& route : view.routes) out.routes.push_back({route.prefix, route.gateway, route.metric});
  for (const KernelNeighbour& neighbour : view.neighbours)
    if (neighbour.usable()) out.neighbours.push_back({neighbour.address, neighbour.mac});
  return out;
}

}  // namespace

KernelSide::KernelSide(Loop& loop, const Clock& clock, EventLog& events, Dataplane& dataplane)
    : loop_{loop},
      events_{events},
      dataplane_{dataplane},
      mirror_{loop},
      neighbours_{loop, mirror_, clock},
      twins_{[&dataplane](const Twins::FrameHandler& handle) {
               dataplane.take_punted([&handle](const TwinFrame& frame) { handle(frame.port, frame.bytes); });
             },
             [&dataplane](PortId port, Twins::Frame bytes) {
               return dataplane.inject({port, bytes});
             }} {}

KernelSide::~KernelSide() { twins_.stop(); }

Result<> KernelSide::start(const Settings& settings, std::function<void()> changed) {
  bpf_dir_ = settings.bpf_dir;
  for (const PortState& port : dataplane_.ports())
    if (Result<> started = start_port(port, settings); !started) return fail(started.error().within("port " + port.name));
  if (Result<> started = mirror_.start(interfaces_, [changed = std::move(changed)](const NetworkView&) { changed(); }); !started)
    return started;
  return neighbours_.start();
}

Result<> KernelSide::start_port(const PortState& port, const Settings& settings) {
  if (port.twin == TwinKind::tap) {
    Result<std::string> interface = twins_.add({port.id, port.name, port.mac, port.mtu_bytes, port.up});
    if (!interface) return fail(interface.error());
    interfaces_.push_back({port.id, *interface});
    has_twins_ = true;
  } else if (port.twin != TwinKind::none) {
    interfaces_.push_back({port.id, port.interface});
  }
  if (port.twin == TwinKind::steered && !port.steering_maps.empty()) {
    Result<SteeringMaps> maps = SteeringMaps::open(port.steering_maps);
    if (!maps) return fail(maps.error());
    steered_.push_back({port.id, port.name, std::move(*maps)});
  }
  if (port.twin == TwinKind::copied && settings.ingress_drop) hidden_.push_back({port.id, port.name, port.interface, std::nullopt});
  return {};
}

Result<> KernelSide::start_twins() { return has_twins_ ? twins_.start() : Result<>{}; }

config::Network KernelSide::network() const {
  config::Network out;
  for (const LanView& lan : mirror_.view().lans) out.lans.push_back(lan_state(lan));
  return out;
}

Result<> KernelSide::hide_from_kernel(const Generation& first) {
  for (Hidden& port : hidden_) {
    Result<IngressDrop> drop = IngressDrop::install(bpf_dir_ + "/ingress_drop.bpf.o", port.interface, desired(first, port.port, facts()));
    if (!drop) return fail(drop.error().within("port " + port.name));
    port.drop = std::move(*drop);
  }
  return {};
}

Result<> KernelSide::open_probes() {
  if (probes_) return {};
  std::set<std::string> interfaces;
  for (const PortInterface& each : interfaces_) interfaces.insert(each.interface);
  auto probes = VipProbes::install(bpf_dir_ + "/vip_probe.bpf.o", interfaces);
  if (!probes) return fail(probes.error().within("checks via the VIP"));
  probes_ = std::move(*probes);
  return {};
}

void KernelSide::feed_probes(const std::vector<VipProbe>& wanted) {
  if (!probes_) return;
  if (const Result<> fed = probes_->follow(wanted); !fed) events_.add(Severity::critical, "checks", "via vip", fed.error().message);
}

SteeringFacts KernelSide::facts() const { return {mirror_.view().node_addresses, dataplane_.roles().get()}; }

// The maps are fed before the workers see the generation: a frame of a new VIP that comes a moment early has no service yet
// and says so; one that went to the kernel instead would be answered with a reset.
void KernelSide::feed_maps(const Generation& next) {
  const auto say = [this](const std::string& port, const Result<>& fed) {
    if (!fed) events_.add(Severity::critical, "steering", "port " + port, fed.error().message);
  };
  const SteeringFacts now = facts();
  for (Steered& port : steered_) say(port.name, port.maps.follow(next, port.port, now));
  for (Hidden& port : hidden_)
    if (port.drop) say(port.name, port.drop->follow(next, port.port, now));
}

void KernelSide::after_publish(const Generation&, const std::vector<config::NextHopKey>& wanted) {
  std::set<WantedNeighbour> lasting;
  for (const config::NextHopKey& hop : wanted) lasting.insert({hop.lan.port, hop.lan.vlan, hop.address});
  neighbours_.want(std::move(lasting));
}

void KernelSide::want_client(PortId port, std::uint16_t vlan, const IpAddress& address) { neighbours_.want_client({port, vlan, address}); }

void KernelSide::link_changed(const PortState& port) {
  if (port.twin == TwinKind::tap) twins_.set_carrier(port.id, port.up);
}

std::string KernelSide::interface_of(PortId port) const {
  for (const PortInterface& each : interfaces_)
    if (each.port == port) return each.interface;
  return {};
}

}  // namespace tandem
