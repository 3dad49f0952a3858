// SPDX-License-Identifier: Apache-2.0
// Two nodes' workers, and records carried between them by hand. One service in one group; flows as herd.h numbers them.
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "dataplane/flow_face.h"
#include "tests/unit/worker/herd.h"

namespace tandem::test {

using namespace std::chrono_literals;

inline constexpr PortId kP0{0}, kP1{1};
inline constexpr GroupId kGroup{0};

inline World flow_world() {
  World world = web_world();
  world.services.push_back(nat_service("[fd00::100]:80", {"[fd01::11]:80", "[fd01::12]:80"}));
  world.services.push_back(nat_service("10.0.0.100:53", {"10.0.1.11:53", "10.0.1.12:53"}, Protocol::udp));
  world.pair = {true, 18264};
  world.groups.resize(1);
  for (const char* vip : {"10.0.0.100", "fd00::100"}) world.group_of[address(vip)] = kGroup;
  return world;
}

// Of this flow, as they arrive at a node.
inline Frame from_client(unsigned flow, std::uint8_t flags) {
  return frame().eth(kNode0, kGateway).ipv4(client_of(flow), "10.0.0.100").tcp(port_of(flow), 80, flags);
}
inline Frame from_server(unsigned flow, const std::string& server, std::uint8_t flags) {
  return frame().eth(kNode1, server_mac(11)).ipv4(server, client_of(flow)).tcp(80, port_of(flow), flags);
}

class FlowNode {
 public:
  explicit FlowNode(std::uint64_t connections = 4000, unsigned workers = 2, World of = flow_world())
      : world{std::move(of)},
        herd{world, {.workers = workers, .queues = {{workers, workers}, {workers, workers}}, .connections = connections}} {
    flows.set_sync(true);
  }

  enum class Role { active, shadow, alone };  // alone: neither node has the group
  void be(Role role, std::uint16_t term = 1) {
    say_roles(role, term);
    herd.turn();
  }
  void say_roles(Role role, std::uint16_t term) {  // the worker has not had its turn yet
    const std::uint32_t bit = 1U << index(kGroup), active = Roles::kUngrouped | (role == Role::active ? bit : 0);
    herd.pair.roles.set_term(kGroup, term);
    herd.pair.roles.set({.active = active, .receives = active, .on_peer = role == Role::shadow ? bit : 0});
  }

  void receive(const Frame& frame, PortId port = kP0) {
    herd.offer(port, 0, frame);
    herd.turn();
  }
  void open(unsigned flow) { receive(syn(flow)); }
  void open_all(unsigned count) {  // 0 … count - 1
    for (unsigned flow = 0; flow < count; ++flow) {
      herd.offer(kP0, 0, syn(flow));
      if (flow % 256 == 255 || flow + 1 == count) herd.turn();
    }
  }
  void answer(unsigned flow, std::uint8_t flags = kTcpSyn | kTcpAck) { receive(from_server(flow, server_of(flow), flags), kP1); }
  void establish(unsigned flow) {
    open(flow), answer(flow);
    receive(from_client(flow, kTcpAck));
  }
  void pass(unsigned seconds) {
    for (; seconds != 0; --seconds) {
      herd.clock.advance(1s);
      for (int slices = 0; slices < 16; ++slices) herd.turn();
    }
  }

  // All that is told, in the order of each worker's.
  std::vector<SyncRecord> take() {
    std::vector<SyncRecord> taken;
    std::array<SyncRecord, 100> some;
    for (bool more = true; more;) {
      herd.turn();
      more = false;
      for (const auto& worker : herd.workers) {
        const std::size_t count = flows.take_changes(worker->id(), some);
        taken.insert(taken.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
        more |= count != 0;
      }
    }
    return taken;
  }
  void learn(const SyncRecord& record) {
    ASSERT_TRUE(flows.apply(record));
    herd.turn();
  }
  void learn(const std::vector<SyncRecord>& records) {
    for (const SyncRecord& record : records)
      if (record.operation != Operation::bulk_end) learn(record);
  }

  std::uint64_t applied(SyncOutcome outcome) const {
    return herd.sum([&](const WorkerCounters& c) -> const Counter& { return c.sync_applied[static_cast<std::size_t>(outcome)]; });
  }
  std::uint64_t removed(RemoveReason reason) const {
    return herd.sum([&](const WorkerCounters& c) -> const Counter& { return c.removed[static_cast<std::size_t>(reason)]; });
  }
  std::uint64_t count(Counter WorkerCounters::*which) const {
    return herd.sum([&](const WorkerCounters& c) -> const Counter& { return c.*which; });
  }
  SyncFlags flags() {
    SyncFlags all;
    for (const auto& worker : herd.workers) {
      const SyncFlags of = flows.take_flags(worker->id());
      all.lost |= of.lost, all.full |= of.full;
    }
    return all;
  }

  // Calls show(table, entry) for every connection, of both families.
  template <typename Show>
  void each(Show&& show) {
    for (const auto& worker : herd.workers) {
      const auto walk = [&](auto& table) { table.walk(0, table.slots(), [&](auto& entry) { show(table, entry); }); };
      walk(worker->state().table4());
      walk(worker->state().table6());
    }
  }
  // The one connection there is.
  SyncRecord only() {
    std::vector<SyncRecord> all;
    each([&](auto& table, auto& entry) { all.push_back(record_of(*herd.publisher.latest(), table, entry, Operation::put, kGroup)); });
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? SyncRecord{} : all.front();
  }
  // What both nodes must agree on, a line for each connection, sorted.
  std::vector<std::string> connections() {
    std::vector<std::string> lines;
    each([&](auto& table, auto& entry) {
      const SyncRecord r = record_of(*herd.publisher.latest(), table, entry, Operation::put, kGroup);
      lines.push_back(to_string(Endpoint{r.client, r.client_port}) + " " + to_string(Endpoint{r.vip, r.vip_port}) + " " +
                      to_string(Endpoint{r.backend, r.backend_port}) + " state " + std::to_string(static_cast<int>(r.state)) + " seen " +
                      std::to_string(r.seen) + " flags " + std::to_string(r.flags) + " order " + std::to_string(r.term) + "." +
                      std::to_string(r.incarnation) + " idle " + std::to_string(r.idle_timeout_seconds));
    });
    std::ranges::sort(lines);
    return lines;
  }

 private:
  std::string server_of(unsigned flow) {
    std::string server;
    each([&](auto&, auto& entry) {
      if (IpAddress{entry.client} == address(client_of(flow)) && entry.client_port.host() == port_of(flow))
        server = to_string(IpAddress{entry.backend});
    });
    EXPECT_FALSE(server.empty()) << "no connection of flow " << flow;
    return server;
  }

 public:
  World world;
  Herd herd;
  FlowFace flows{herd.workers, herd.pair, derive_key(world.seed, "table"), even_owners(herd.workers.size())};
};

class FlowPair : public testing::Test {
 protected:
  FlowPair() { ours.be(FlowNode::Role::active), theirs.be(FlowNode::Role::shadow); }

  // Until neither has anything to tell.
  void carry() {
    for (int round = 0; round < 1000; ++round) {
      const std::vector<SyncRecord> there = ours.take(), back = theirs.take();
      if (there.empty() && back.empty()) return;
      theirs.learn(there), ours.learn(back);
      carried += there.size() + back.size();
    }
    ADD_FAILURE() << "they talk for ever";
  }
  void expect_equal() { EXPECT_EQ(ours.connections(), theirs.connections()); }

  FlowNode ours, theirs;
  std::size_t carried = 0;
};

}  // namespace tandem::test
