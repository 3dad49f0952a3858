// SPDX-License-Identifier: Apache-2.0
// The network of the two nodes that sync each other's connections in a benchmark: UDP services of one group, whose every datagram of a
// new client port opens a connection, and the node of this network as a whole: its dataplane without ports.
#pragma once

#include <memory>
#include <vector>

#include "dataplane/dataplane.h"
#include "dataplane/flow_face.h"
#include "dataplane/worker/crew.h"
#include "tests/support/world.h"

namespace tandem::bench {

inline constexpr GroupId kGroup{0};
inline constexpr PortId kClients{0};
// Of the two services: connections of the first last, those of the second end after a second of silence.
inline constexpr std::uint16_t kLastingPort = 53, kBriefPort = 54;

test::World sync_world();

// One node's dataplane as the pair's thread meets it: one production worker over a wire that is handed in.
// Threads: as Dataplane's. The worker is turned by start()'s thread, or by hand.
class SyncNode final : public Dataplane {
 public:
  SyncNode(Wire& wire, std::uint64_t connections, bool hugepages, double tsc_hz);
  ~SyncNode() override;

  void start();
  void stop();
  Worker& worker() { return *workers_.front(); }
  std::uint64_t applied(SyncOutcome outcome) const { return counters(WorkerId{0}).sync_applied[static_cast<std::size_t>(outcome)].get(); }

  Result<> run(std::unique_ptr<Generation>) override { return {}; }
  Publisher& publisher() override { return publisher_; }
  std::size_t workers() const override { return 1; }
  bool uses_hugepages() const override { return hugepages_; }
  std::vector<PortState> ports() const override { return {}; }
  PortStats port_stats(PortId) const override { return {}; }
  std::vector<PoolState> pools() const override { return {}; }
  Result<> accept_macs(PortId, std::span<const MacAddress>) override { return {}; }
  double tsc_hz() const override { return tsc_hz_; }
  unsigned worker_core(WorkerId) const override { return kNoCore; }
  std::uint64_t connection_capacity(WorkerId) const override { return workers_.front()->state().connection_capacity(); }
  const WorkerCounters& counters(WorkerId) const override { return workers_.front()->state().counters(); }
  const BackendCounters& counters(WorkerId, BackendSlot slot) const override { return tallies_->backend(slot); }
  void poll_events(const std::function<void(const WorkerEvent&)>&) override {}
  Result<> scan_connections(std::chrono::milliseconds, const std::function<void(WorkerId, const ConnRecord&)>&) override { return {}; }
  void take_punted(const std::function<void(const TwinFrame&)>&) override {}
  bool inject(const TwinFrame&) override { return false; }
  RoleBoard& roles() override { return desk_.roles; }
  std::size_t port_count() const override { return 0; }
  bool has_link(PortId) const override { return true; }
  bool send_beat(WorkerId, PortId, std::span<const std::uint8_t>, Instant) override { return false; }
  void take_pair_frames(const std::function<void(const PairFrame&)>&) override { desk_.bell.answer(); }
  int pair_descriptor() const override { return desk_.bell.descriptor(); }
  FlowFace* flows() override { return flows_.get(); }

 private:
  bool hugepages_;
  double tsc_hz_;
  SteadyClock clock_;
  Publisher publisher_{1};
  Fabric fabric_{1};
  PuntRates punt_rates_{{2000, 10000, 1000}, true};
  Bell punt_bell_;
  PortLosses losses_;
  PairDesk desk_;
  std::shared_ptr<WorkerTallies> tallies_ = std::make_shared<WorkerTallies>(64);
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<FlowFace> flows_;
  Crew crew_;
};

}  // namespace tandem::bench
