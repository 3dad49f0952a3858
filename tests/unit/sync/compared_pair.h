// SPDX-License-Identifier: Apache-2.0
// Two nodes' workers and their streams over a wire that takes a millisecond, in steps of one: what the pair's thread does with
// workers, without the thread. Clients open and reset connections of an l2-dsr service at any rate, and others stay.
// What damages a table is here, and nowhere in the product.
#pragma once

#include <deque>
#include <map>
#include <random>
#include <set>

#include "controlplane/sync/flows.h"
#include "dataplane/conn/flow_mark.h"
#include "tests/unit/flows/flow_node.h"

namespace tandem::test {

inline World compared_world() {
  World world = flow_world();
  world.services.push_back(dsr_service("10.0.0.100:8080", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));
  world.services.back().timeouts.reset = 1, world.services.back().scheduler = SchedulerKind::maglev;
  world.services.push_back(world.services.back());  // whose choices the schedule alone would not repeat
  world.services.back().listen.port = 9090, world.services.back().scheduler = SchedulerKind::round_robin;
  return world;
}

class ComparedPair {
 public:
  static constexpr unsigned kStaying = 4'000'000;  // flows from here on stay
  static constexpr int kTurns = 20;                // of each worker a millisecond: a busy one makes as many

  ComparedPair(std::uint64_t connections, bool compares, std::uint64_t their_connections = 0)
      : ours{connections, 2, compared_world()}, theirs{their_connections != 0 ? their_connections : connections, 3, compared_world()} {
    const auto flows = [&](FlowNode& node) { return std::make_unique<sync::Flows>(node.flows, compares); };
    streams = {flows(ours), flows(theirs)};
    ours.be(FlowNode::Role::active), theirs.be(FlowNode::Role::shadow);
  }

  // A millisecond. `opened` new connections, whose clients acknowledge in the next step and reset them a second later.
  void step(unsigned opened = 0) {
    for (unsigned i = 0; i < opened; ++i) send(next_++, kTcpSyn);
    for (unsigned flow = acknowledged_; flow < next_ - opened; ++flow) send(flow, kTcpAck);
    acknowledged_ = next_ - opened;
    if (opened != 0) opened_at_.push_back(next_);
    for (; opened_at_.size() > 1000; opened_at_.pop_front())
      for (; ended_ < opened_at_.front(); ++ended_) send(ended_, kTcpRst);
    for (FlowNode* node : {&ours, &theirs}) {
      node->herd.clock.advance(1ms);
      for (int turn = 0; turn < kTurns; ++turn)
        for (const auto& worker : node->herd.workers) worker->turn();
      node->herd.wire.sent.clear();
    }
    exchange();
  }
  void run(std::chrono::milliseconds time, unsigned opened = 0) {
    for (; time.count() != 0; --time) step(opened);
  }
  // Of numbers not used before.
  void open_staying(unsigned count, std::uint16_t vip_port = 8080) {
    for (unsigned i = 0; i < count; ++i, ++staying_) {
      send(kStaying + staying_, kTcpSyn, vip_port), send(kStaying + staying_, kTcpAck, vip_port);
      if (i % 50 == 49) step();
    }
  }
  void end_staying() {
    for (unsigned i = 0; i < staying_; ++i) {
      send(kStaying + i, kTcpRst);
      if (i % 50 == 49) step();
    }
  }
  // Until nothing is under way; nobody opens or ends any more.
  void rest() { run(200ms); }

  std::uint64_t mended() const { return theirs.applied(SyncOutcome::mended); }
  sync::DigestQuestions::Counts compared() const { return streams[1]->compared(); }

  // What both must agree on of every connection past its handshake, sorted.
  static std::vector<std::uint64_t> marks(FlowNode& node) {
    std::vector<std::uint64_t> all;
    const SipKey key = derive_key(node.world.seed, "table");
    node.each([&](auto& table, auto& entry) {
      if (entry.state != ConnState::half_open) all.push_back(mark_of(key, entry, table.detail(entry), entry.backend).value);
    });
    std::ranges::sort(all);
    return all;
  }

  FlowNode ours, theirs;
  std::array<std::unique_ptr<sync::Flows>, 2> streams;
  double loss = 0;
  std::map<sync::Type, std::uint64_t> bytes;  // said by either, by what it was

 private:
  struct Letter {
    sync::Label label;
    std::uint64_t sequence = 0;
    std::vector<std::uint8_t> payload;
  };

  void send(unsigned flow, std::uint8_t flags, std::uint16_t vip_port = 8080) {
    ours.herd.offer(kP0, static_cast<std::uint16_t>(flow % 2),
                    frame().eth(kNode0, kGateway).ipv4(client_of(flow), "10.0.0.100").tcp(port_of(flow), vip_port, flags));
  }
  void exchange() {
    for (std::size_t n = 0; n < 2; ++n) {
      const Instant now = (n == 0 ? ours : theirs).herd.clock.now();
      std::vector<Letter> arrived = std::exchange(wires_[n], {});
      for (Letter& letter : arrived) {
        sync::Opened opened;
        opened.type = letter.label.type, opened.stream = letter.label.stream, opened.sequence = letter.sequence, opened.epoch = 1;
        opened.payload = letter.payload;
        streams[n]->hear(opened, now);
      }
      const auto post = [&](const sync::Label& label, sync::Bytes payload) {
        const std::uint64_t sequence = ++sequences_[n][static_cast<std::uint8_t>(label.stream)];
        bytes[label.type] += payload.size() + 40;  // header and tag
        if (std::uniform_real_distribution<>{}(chance_) >= loss)
          wires_[1 - n].push_back({label, sequence, {payload.begin(), payload.end()}});
        return sequence;
      };
      streams[n]->pump(100 + n, 1, post, now);
    }
  }

  std::array<std::vector<Letter>, 2> wires_;
  std::array<std::map<std::uint8_t, std::uint64_t>, 2> sequences_;
  std::mt19937_64 chance_{7};
  unsigned staying_ = 0, next_ = 0, acknowledged_ = 0, ended_ = 0;
  std::deque<unsigned> opened_at_;
};

// Five ways in which a standby's table can be wrong without anybody having said so, in turn over the connections that stay.
class Damage {
 public:
  // Returns how many connections a repair has to touch.
  static unsigned do_to(FlowNode& node, unsigned count) {
    Damage damage{node};
    for (unsigned i = 0; i < count; ++i) damage.one(i);
    return damage.to_repair_;
  }

 private:
  explicit Damage(FlowNode& node) : node_{node} {
    node.each([&](auto& table, auto& entry) {
      if constexpr (std::is_same_v<std::remove_reference_t<decltype(entry)>, ConnEntry4>)
        if (entry.client_port.host() >= port_of(ComparedPair::kStaying)) staying_.push_back({&table, &entry});
    });
  }
  void one(unsigned number) {
    auto [table, entry] = staying_[number * (staying_.size() / 128) % staying_.size()];
    ++to_repair_;
    switch (number % 5) {
      case 0:
        return table->erase(*entry);  // gone
      case 1:
        entry->backend.value = Be32{entry->backend.value.host() ^ 4};  // to another backend
        return;
      case 2:
        table->detail(*entry).order.incarnation |= std::uint64_t{1} << 46;  // from the far future: any word of it would be ignored
        return;
      case 3:
        return ghost(*table, *entry);  // one that nobody has
      default:
        entry->client_port = Be16{static_cast<std::uint16_t>(entry->client_port.host() ^ 0x1000)};  // no look-up finds it any more
        ++to_repair_;
    }
  }
  void ghost(ConnTable4& table, ConnEntry4& model) {
    ConnEntry4 entry = model;
    entry.client_port = Be16{static_cast<std::uint16_t>(1 + to_repair_)};  // below all that clients use
    entry.flags = kConnSynced;
    for (const auto& worker : node_.herd.workers) {
      if (&worker->state().table4() != &table) continue;
      const TableHash hash = (*worker->state().context().hasher)(entry.client_key().client);
      EXPECT_NE(table.insert(hash, entry, table.detail(model)).entry, nullptr);
    }
  }

  FlowNode& node_;
  std::vector<std::pair<ConnTable4*, ConnEntry4*>> staying_;
  unsigned to_repair_ = 0;
};

}  // namespace tandem::test
