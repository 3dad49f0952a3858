// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync_world.h"

#include "common/base/ensure.h"

namespace tandem::bench {
namespace {

test::WorldService udp_service(std::uint16_t port, std::uint16_t silence_seconds) {
  const std::string at = ":" + std::to_string(port);
  test::WorldService made = test::nat_service("10.0.0.100" + at, {"10.0.1.11" + at, "10.0.1.12" + at, "10.0.1.13" + at}, Protocol::udp);
  made.timeouts.udp_one_way = silence_seconds;
  return made;
}

}  // namespace

test::World sync_world() {
  test::World world = test::two_port_world();
  world.services = {udp_service(kLastingPort, 3600), udp_service(kBriefPort, 1)};
  world.pair = {true, 18264};
  world.groups.resize(1);
  world.group_of[test::address("10.0.0.100")] = kGroup;
  return world;
}

SyncNode::SyncNode(Wire& wire, std::uint64_t connections, bool hugepages, double tsc_hz) : hugepages_{hugepages}, tsc_hz_{tsc_hz} {
  constexpr WorkerId kSelf{0};
  std::unique_ptr<Generation> first = sync_world().generation();
  auto state = WorkerState::make(kSelf, {connections, 1024, hugepages}, first->keys.table, tallies_);
  ensure(state.has_value());
  const std::vector<QueueCount> ports(2);
  const WorkerSurroundings around{
      wire, publisher_, clock_, fabric_, punt_rates_, punt_bell_, losses_, desk_, static_cast<std::uint64_t>(tsc_hz)};
  workers_.push_back(std::make_unique<Worker>(
      kSelf, around, WorkerDuties{rx_queues_of(kSelf, ports, 1), tx_ways_of(kSelf, ports, 1), 0, true}, std::move(*state)));
  flows_ = std::make_unique<FlowFace>(workers_, desk_, first->keys.table, first->owners);
  ensure(publisher_.publish(std::move(first)).has_value());
}

SyncNode::~SyncNode() {
  stop();
  worker().settle();
  worker().abandon();
}

void SyncNode::start() { ensure(crew_.start(workers_, {}).has_value()); }
void SyncNode::stop() { crew_.stop(); }

}  // namespace tandem::bench
