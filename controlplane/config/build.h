// SPDX-License-Identifier: Apache-2.0
// Keeps what generations are made of, and makes the next one: told of the configuration, the ports, the network and the
// backends' states as each changes, it rebuilds only the parts that rest on what changed and shares the rest.
// Threads: one control thread. What build() returns is published at once (turns were adjusted for it); refused by the
// publisher, the next build() stands for it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "controlplane/config/build_service.h"
#include "controlplane/config/config.h"
#include "controlplane/config/groups.h"
#include "controlplane/config/guard_lists.h"
#include "controlplane/config/pair_view.h"
#include "controlplane/config/pools.h"
#include "controlplane/config/resolve.h"
#include "controlplane/config/resolve_adjacency.h"
#include "controlplane/config/resolve_next_hops.h"
#include "controlplane/config/slots.h"
#include "dataplane/model/generation.h"
#include "dataplane/model/nat_backends.h"
#include "dataplane/model/service_meter.h"

namespace tandem::config {

struct BuildLimits {
  std::size_t slots = kMaxBackendSlots, services = kMaxServices, adjacencies = kMaxAdjacencies;
  std::chrono::nanoseconds rest = std::chrono::seconds{60};  // how long a released slot rests: longer than a sweep of the table
};

class GenerationBuilder {
 public:
  GenerationBuilder(const HashSeed& seed, std::size_t workers, const BuildLimits& limits = {});

  // An error leaves everything as it was. A backend that is new, or comes back, begins up and with its configured weight:
  // set_state before build() says otherwise.
  Result<> set_config(const Config& config, Instant now);
  Result<> check_room(const Config& config) const;  // whether set_config would take it
  void set_ports(std::vector<PortInput> ports);     // by PortId
  void set_network(Network network);                // the kernel's view; static parts are added from the configuration
  void set_guard(GuardLists lists);
  bool set_state(std::string_view service, std::string_view backend, const BackendDynamic& dynamic);  // false: no such backend

  // No worker counts a live entry for this slot, nor holds a generation older than the one in which it was gone.
  bool release(BackendSlot slot, Instant now);
  bool advance(Instant now);  // ends graces and rests, moves slow starts on; true: something changed, build and publish

  std::unique_ptr<Generation> build();

  std::span<const BackendSlot> slots_of(std::string_view service, std::string_view backend) const;  // one a listen entry
  std::vector<BackendSlot> leaving() const;                                                         // gone or cut: wait for release()
  const ServiceRecord* service(ServiceId id) const;                                                 // null: unused
  const ServiceRecord* service_of(BackendSlot slot) const;                                          // its find(slot) has the rest
  GroupId group_of(const ServiceRecord& record) const;
  using Meters = std::map<std::string, std::shared_ptr<ServiceMeter>>;  // by service: of those that have, or had, limits
  const Meters& meters() const { return meters_; }
  std::size_t service_ids() const { return services_.size(); }

  // As of the last build(): whom the kernel shall keep resolved; backends that no route leads to.
  const std::vector<NextHopKey>& wanted_neighbours() const { return wanted_; }
  const std::vector<BackendSlot>& unreachable() const { return unreachable_; }
  std::vector<Lan> announced_on(const IpAddress& vip) const;
  PairView pair() const { return pair_view(pair_, groups_, {port_configs_, ports_, network_, wanted_}); }
  std::size_t adjacencies_left_out() const { return adjacencies_.left_out(); }

 private:
  ServiceRecord& record_for(const Listen& listen);
  ServiceId lender_for(const ServiceRecord& borrower) const;
  std::multimap<ServiceId, ServiceId> borrowers_by_lender() const;
  void index_names();
  void take_pair(const Config& config);
  void take_pools(const Config& config);
  void take_checks(const Config& config);
  void merge_network();
  void touch(ServiceId id) { changed_.insert(id); }
  std::shared_ptr<ServiceMeter> meter_of(const ServiceRecord& record);
  bool limits_packets(const ServiceRecord& record) const;

  // The passes of build(), each for some parts of the generation.
  void build_services();
  void build_index();
  NatUser nat_user(const ServiceRecord& record) const;
  void build_pair();
  void build_ports();
  void build_routes();
  void build_hops();
  void build_tunnels();
  void build_pools();
  std::vector<HopTarget> hop_targets() const;
  void number_next_hops();

  BuildKeys keys_;
  BuildLimits limits_;
  SlotTable slots_;
  NumberPool<ServiceId> ids_;
  std::vector<std::unique_ptr<ServiceRecord>> services_;  // by ServiceId
  std::map<Listen, ServiceId> by_listen_;
  std::unordered_map<std::string, std::vector<BackendSlot>> by_name_;  // "service/backend"
  std::vector<ServiceId> service_of_;                                  // by BackendSlot

  GuardLists guard_;
  Meters meters_;
  Pools pools_;
  PairConfig pair_;
  Groups groups_;
  std::vector<Port> port_configs_;
  std::vector<PortInput> ports_;
  Network kernel_, network_;  // as told; with the configuration's static parts
  AdjacencyTable adjacencies_;
  std::vector<RouteEntry> route_entries_;
  NextHops next_hops_;
  std::vector<NextHopKey> wanted_;
  std::vector<AdjacencyId> hop_ids_;  // by BackendSlot
  std::vector<BackendSlot> unreachable_;

  Generation last_;              // the parts as last built
  std::set<ServiceId> changed_;  // services and backends to renew
  bool members_changed_ = true, network_changed_ = true, ports_changed_ = true;
  std::uint64_t keys_built_ = ~std::uint64_t{0}, macs_built_ = ~std::uint64_t{0}, frees_built_ = 0;
};

}  // namespace tandem::config
