// SPDX-License-Identifier: Apache-2.0
// Two nodes' streams over a wire that loses, doubles and delays: in the end both tables are the same.
#include "controlplane/sync/flows.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <queue>
#include <random>

namespace tandem::sync {
namespace {

using namespace std::chrono_literals;

// A worker's table as the streams see one: keyed by client port, the one thing that differs here.
class FakeWorkers final : public FlowWorkers {
 public:
  std::map<std::uint16_t, SyncRecord> table;
  std::deque<SyncRecord> changes;
  bool lost = false, full = false;
  std::size_t walks = 0;

  void open(std::uint16_t port, std::uint64_t incarnation) {
    SyncRecord record;
    record.protocol = Protocol::tcp, record.state = ConnState::half_open, record.client_port = port, record.incarnation = incarnation;
    table[port] = record;
    changes.push_back(record);
  }
  void see(std::uint16_t port, std::uint8_t seen) {
    table[port].seen |= seen;
    changes.push_back(table[port]);
  }
  void close(std::uint16_t port) {
    SyncRecord gone = table[port];
    gone.operation = Operation::remove;
    table.erase(port);
    changes.push_back(gone);
  }

  std::size_t workers() const override { return 1; }
  std::size_t take_changes(WorkerId, std::span<SyncRecord> out) override {
    std::size_t count = 0;
    while (count < out.size() && !changes.empty()) out[count++] = changes.front(), changes.pop_front();
    return count;
  }
  bool apply(const SyncRecord& record) override {
    if (full) return false;
    const auto at = table.find(record.client_port);
    if (record.operation == Operation::remove) {
      if (at != table.end() && at->second.incarnation <= record.incarnation) table.erase(at);
    } else if (at == table.end() || at->second.incarnation < record.incarnation) {
      table[record.client_port] = record;
      table[record.client_port].heard_seconds = 0;  // no clock here: what a record says of silence is record_test's
    } else if (at->second.incarnation == record.incarnation) {
      at->second.seen |= record.seen;
    }
    return true;
  }
  void request_bulk(WorkerId) override {
    ++walks;
    for (const auto& [port, record] : table) changes.push_back(record);
    SyncRecord end;
    end.operation = Operation::bulk_end;
    changes.push_back(end);
  }
  bool request_refresh(WorkerId, const SyncRecord& record) override {
    const auto at = table.find(record.client_port);
    if (at != table.end() && at->second.incarnation == record.incarnation) changes.push_back(at->second);
    return true;
  }
  SyncFlags take_flags(WorkerId) override { return {std::exchange(lost, false), full}; }
};

struct FlowsTest : ::testing::Test {
  struct Letter {
    Instant arrives;
    Type type{};
    Stream stream{};
    std::uint64_t sequence = 0;
    std::uint32_t epoch = 0;
    std::vector<std::uint8_t> payload;
    std::uint64_t order = 0;  // of those that arrive at one time
    bool operator<(const Letter& other) const { return arrives != other.arrives ? arrives > other.arrives : order > other.order; }
  };
  FakeWorkers owner, other;
  std::array<std::unique_ptr<Flows>, 2> flows{std::make_unique<Flows>(owner), std::make_unique<Flows>(other)};
  std::array<std::priority_queue<Letter>, 2> wires;
  std::array<std::map<std::uint8_t, std::uint64_t>, 2> sequences;
  std::mt19937_64 engine{1};
  double loss = 0, doubling = 0, lateness = 0;
  bool cut = false, swallows = false;  // hellos come through, changes do not
  std::uint32_t epoch = 1;
  std::array<std::uint64_t, 2> boots{100, 200};
  Instant now{1h};

  bool chance(double share) { return std::uniform_real_distribution<>{}(engine) < share; }

  void step() {
    for (std::size_t n = 0; n < 2; ++n) {
      flows[n]->pump(
          cut ? std::nullopt : std::optional{boots[1 - n]}, epoch,
          [&](const Label& label, Bytes payload) { return send(n, label, payload); }, now);
      for (auto& wire = wires[n]; !wire.empty() && wire.top().arrives <= now; wire.pop()) {
        Letter letter = wire.top();
        Opened opened;
        opened.type = letter.type, opened.stream = letter.stream, opened.sequence = letter.sequence, opened.epoch = letter.epoch;
        opened.payload = letter.payload;
        flows[n]->hear(opened, now);
      }
    }
    now = now + 1ms;
  }
  std::uint64_t send(std::size_t from, const Label& label, Bytes payload) {
    const std::uint64_t sequence = ++sequences[from][static_cast<std::uint8_t>(label.stream)];
    if (cut || chance(loss) || (swallows && label.type == Type::update)) return sequence;
    const auto delay = 200us + (chance(lateness) ? std::chrono::milliseconds{engine() % 20} : 0ms);
    const Letter letter{now + delay, label.type, label.stream, sequence, epoch, {payload.begin(), payload.end()}, ++letters};
    wires[1 - from].push(letter);
    if (chance(doubling)) wires[1 - from].push(letter);
    return sequence;
  }
  void run(std::chrono::milliseconds time) {
    for (const Instant end = now + time; now < end;) step();
  }
  void traffic(int steps) {
    for (int i = 0; i < steps; ++i) {
      const auto port = static_cast<std::uint16_t>(engine() % 500);
      if (!owner.table.contains(port)) owner.open(port, ++incarnations);
      else if (chance(0.5)) owner.see(port, static_cast<std::uint8_t>(1U << engine() % 7));
      else owner.close(port);
      if (i % 5 == 0) step();
    }
  }
  std::uint64_t incarnations = 0, letters = 0;
};

TEST_F(FlowsTest, EveryChangeArrivesAndBothTablesAreTheSame) {
  traffic(5000);
  run(100ms);
  EXPECT_EQ(other.table, owner.table);
  EXPECT_TRUE(flows[0]->peer_has_all(now));
  EXPECT_EQ(flows[0]->sent().lost_datagrams, 0U);
}

TEST_F(FlowsTest, WhatIsLostDoubledOrLateIsSaidAnew) {
  for (const double share : {0.02, 0.2, 0.5}) {
    loss = share, doubling = share / 2, lateness = share / 2;
    traffic(5000);
    run(2s);
    EXPECT_EQ(other.table, owner.table) << "share " << share;
    EXPECT_TRUE(flows[0]->peer_has_all(now));
  }
  EXPECT_GT(flows[0]->sent().lost_datagrams, 100U);
  EXPECT_GT(flows[1]->received().late, 10U);
  EXPECT_EQ(owner.walks, 1U) << "loss costs no walk through the table";
}

TEST_F(FlowsTest, ARemovalThatWasLostIsKeptUntilItArrives) {
  traffic(200);
  run(50ms);
  loss = 1;
  while (!owner.table.empty()) owner.close(owner.table.begin()->first);
  run(200ms);
  EXPECT_FALSE(other.table.empty());
  loss = 0;
  run(100ms);
  EXPECT_TRUE(other.table.empty());
}

TEST_F(FlowsTest, ASilentPathIsMadeGoodWithoutAWalk) {
  traffic(1000);
  run(50ms);
  cut = true;
  EXPECT_TRUE(flows[0]->peer_has_all(now));
  traffic(1000);
  run(100ms);
  EXPECT_FALSE(flows[0]->peer_has_all(now)) << "nobody is there to have it";
  cut = false;
  run(10ms);
  EXPECT_FALSE(flows[0]->peer_has_all(now)) << "what was under way is being said anew";
  run(300ms);
  EXPECT_EQ(other.table, owner.table);
  EXPECT_TRUE(flows[0]->peer_has_all(now));
  EXPECT_EQ(owner.walks, 1U);
}

TEST_F(FlowsTest, APeerThatStartedAnewGetsEverythingAgain) {
  traffic(1000);
  run(50ms);
  other.table.clear();
  flows[1] = std::make_unique<Flows>(other);
  boots[1] = 201, epoch = 2;
  sequences = {};
  step();
  EXPECT_FALSE(flows[0]->peer_has_all(now));
  run(100ms);
  EXPECT_EQ(other.table, owner.table);
  EXPECT_TRUE(flows[0]->peer_has_all(now));
  EXPECT_EQ(owner.walks, 2U);
}

TEST_F(FlowsTest, NewKeysLoseNothing) {
  loss = 0.1, lateness = 0.5;  // acknowledgements of the keys before name datagrams that have other numbers now
  for (epoch = 2; epoch < 20; ++epoch) {
    sequences = {};
    traffic(200);
  }
  loss = 0;
  run(200ms);
  EXPECT_EQ(other.table, owner.table);
  EXPECT_EQ(owner.walks, 1U);
}

TEST_F(FlowsTest, WhatTheWorkersCouldNotTellIsMadeGoodByAWalk) {
  traffic(500);
  run(50ms);
  owner.table.begin()->second.seen |= 77;  // a change whose ring was full
  owner.lost = true;
  run(100ms);
  EXPECT_EQ(other.table, owner.table);
  EXPECT_EQ(owner.walks, 2U);
  EXPECT_TRUE(flows[0]->peer_has_all(now));
}

TEST_F(FlowsTest, AWorkerWithoutRoomHoldsTheSenderBackAndNothingIsSaidTwice) {
  other.full = true;
  for (std::uint16_t port = 0; port < 20'000; ++port) owner.open(port, ++incarnations);
  run(200ms);
  EXPECT_LE(flows[1]->received().records, FlowSender::kWindow * FlowSender::kRecordsAtMost);
  EXPECT_GT(owner.changes.size(), 10'000U) << "what does not go into the window waits with the worker";
  EXPECT_TRUE(flows[0]->peer_is_full());
  other.full = false;
  run(500ms);
  EXPECT_EQ(other.table.size(), owner.table.size());
  EXPECT_TRUE(other.table == owner.table);
  EXPECT_EQ(flows[1]->received().busy, 0U);
  EXPECT_EQ(flows[0]->sent().lost_datagrams, 0U);
}

TEST_F(FlowsTest, AWayThatSwallowsWhatIsToldIsAskedAndNotFilled) {
  for (std::uint16_t port = 0; port < 20'000; ++port) owner.open(port, ++incarnations);
  swallows = true;
  run(3000ms);
  EXPECT_LE(flows[0]->sent().datagrams, FlowSender::kWindow + 12 * FlowSender::kAsking) << "a window, then fewer and fewer";
  swallows = false;
  run(FlowSender::kPatienceMost + 200ms);
  EXPECT_TRUE(other.table == owner.table);
}

TEST_F(FlowsTest, ABurstThatIsHeardAtOnceIsAcknowledgedWhole) {
  run(10ms);
  for (std::uint16_t port = 0; port < 200 * FlowSender::kRecordsAtMost; ++port) owner.open(port, ++incarnations);
  run(50ms);
  EXPECT_EQ(flows[0]->sent().lost_datagrams, 0U) << "an acknowledgement names 64 before its highest";
  EXPECT_EQ(other.table.size(), owner.table.size());
  EXPECT_TRUE(other.table == owner.table);
}

}  // namespace
}  // namespace tandem::sync
