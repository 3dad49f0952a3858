// SPDX-License-Identifier: Apache-2.0
// The workers of one node from its start to its end: those of the dataplane, with their tables and rings, on ports that are lists.
// They are turned by hand, so that a story decides when each runs.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "dataplane/flow_face.h"
#include "tests/sim/sim_site.h"

namespace tandem::sim {

class SimWorkers final : private Wire {
 public:
  using Sent = std::function<void(std::size_t lan, test::Bytes frame)>;

  // Incarnations begin elsewhere at each start, so that none is drawn twice in one term.
  SimWorkers(std::size_t node, std::size_t workers, std::uint64_t first_incarnation, Instant now, Sent sent);
  ~SimWorkers() override;
  SimWorkers(const SimWorkers&) = delete;
  SimWorkers& operator=(const SimWorkers&) = delete;

  void turn(Instant now);  // until nobody has anything to do
  void receive(std::size_t lan, const test::Bytes& frame);
  bool beat(WorkerId by, PortId port, std::span<const std::uint8_t> frame, Instant deadline);
  RoleBoard& roles() { return desk_.roles; }

  // A client's connection as the table has it; and all of them, by client.
  std::optional<SyncRecord> find(std::uint16_t client_port);
  std::uint8_t flags_of(std::uint16_t client_port);
  Instant heard(std::uint16_t client_port);  // of one that is there: when, to a second
  std::vector<SyncRecord> connections();

  std::size_t workers() const { return workers_.size(); }
  FlowWorkers& flows() { return *face_; }

 private:
  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override;
  ConnEntry4* entry_of(std::uint16_t client_port, ConnTable4*& table);

  Sent sent_;
  test::World world_;
  ManualClock clock_;
  Publisher publisher_;
  Fabric fabric_;
  PuntRates rates_{{2000, 10000, 1000}, true};
  Bell bell_;
  PortLosses losses_;
  PairDesk desk_;
  TableHasher hasher_;
  OwnerMap owners_;
  std::array<std::deque<rte_mbuf*>, kLans> waiting_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<FlowFace> face_;
};

}  // namespace tandem::sim
