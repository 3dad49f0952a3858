// SPDX-License-Identifier: Apache-2.0
// The whole dataplane behind its face, over soft devices: started, fed through memif's shared memory, stopped, started again.
#include "dataplane/dataplane.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "dataplane/io/ethdev_wire.h"
#include "dataplane/io/mempool.h"
#include "dataplane/io/port.h"
#include "dataplane/packet/packet.h"
#include "tests/support/world.h"
#include "tests/unit/worker/own_dpdk.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

DataplaneOptions small(std::vector<PortOptions> ports, unsigned workers) {
  DataplaneOptions options;
  options.ports = std::move(ports);
  options.workers = workers;
  options.adaptive_idle = true;
  options.connections_ipv4 = 100'000;
  options.connections_ipv6 = 1000;
  options.hugepages = DataplaneOptions::Hugepages::off;
  options.backend_slots = 64;
  return options;
}

class DataplaneTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(own_dpdk()); }
  World world_ = two_port_world();
};

TEST_F(DataplaneTest, StartsAndStopsAgainAndAgainAndGivesEverythingBack) {
  std::uint64_t free_bytes = 0;
  for (int round = 0; round < 3; ++round) {
    Result<std::unique_ptr<Dataplane>> dataplane =
        Dataplane::open(small({{.name = "p0", .device = "null"}, {.name = "p1", .device = "null"}}, 2));
    ASSERT_TRUE(dataplane) << dataplane.error().message;
    EXPECT_EQ((*dataplane)->workers(), 2U);
    EXPECT_EQ((*dataplane)->counters(WorkerId{1}).rx.get(), 0U) << "counters may be read before workers run";
    EXPECT_EQ((*dataplane)->counters(WorkerId{1}, BackendSlot{63}).received_packets.get(), 0U);
    world_.workers = 2;
    ASSERT_TRUE((*dataplane)->run(world_.generation()));
    EXPECT_EQ((*dataplane)->ports().size(), 2U);
    std::this_thread::sleep_for(10ms);
    EXPECT_GT((*dataplane)->counters(WorkerId{1}).progress.get(), 0U);
    const auto before = std::chrono::steady_clock::now();
    dataplane->reset();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
    if (round == 1) free_bytes = heap_use()[0].free_bytes;
    if (round == 2) {
      EXPECT_NEAR(static_cast<double>(heap_use()[0].free_bytes), static_cast<double>(free_bytes), 65536)
          << "a restart must not cost memory";
    }
  }
}

// DPDK's null device gives frames of zeros without end (ours, "null", asks it for none): workers that are never idle answer all the same.
TEST_F(DataplaneTest, ExplainsAPacketAndShowsOthersWhileItRuns) {
  auto dataplane = Dataplane::open(small({{.name = "p0", .device = "net_null7"}, {.name = "p1", .device = "net_null8"}}, 2));
  ASSERT_TRUE(dataplane) << dataplane.error().message;
  FlowQuestion question;
  question.source = endpoint("10.0.0.5:1000"), question.target = endpoint("10.0.0.100:80");
  EXPECT_FALSE((*dataplane)->explain(question, 100ms)) << "nobody to ask yet";
  world_.workers = 2;
  world_.services.push_back(nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80"}));
  ASSERT_TRUE((*dataplane)->run(world_.generation()));
  const Result<ExplainedFlow> told = (*dataplane)->explain(question, 2000ms);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->fate, FlowFate::sent);
  EXPECT_EQ(told->out, PortId{1});
  EXPECT_TRUE(told->decides);
  EXPECT_EQ((*dataplane)->counters(told->worker).inserts_local.get(), 0U) << "nothing is inserted";

  WatchDesk& watches = *(*dataplane)->watches();
  ASSERT_TRUE(watches.begin_capture({.points = 1, .ring_bytes = 64 << 10}));
  std::size_t bytes = 0;
  for (int i = 0; i < 200 && bytes == 0; ++i) {
    std::this_thread::sleep_for(10ms);
    bytes =
        watches.take_captured(1 << 20, [](const CaptureHead& head, std::span<const std::byte>) { EXPECT_EQ(head.point, TapPoint::rx); });
  }
  EXPECT_GT(bytes, 0U);
  watches.stop_capture();
}

TEST_F(DataplaneTest, AStartThatFailsHalfWayLeavesNothing) {
  const auto attempt = [&](const std::string& second) {
    return Dataplane::open(small({{.name = "p0", .device = "null"}, {.name = "p1", .device = second}}, 1));
  };
  const auto failed = attempt("af_packet:tandem-none");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "port p1: af_packet:tandem-none: no such interface");
  EXPECT_TRUE(attempt("null")) << "the first port and the buffers must be free again";
}

TEST_F(DataplaneTest, WithoutCoresOrAWordOneWorkerServesSoftPorts) {
  DataplaneOptions options = small({{.name = "p0", .device = "null"}}, 1);
  options.workers.reset();
  EXPECT_EQ((*Dataplane::open(options))->workers(), 1U);
  options.ports[0].queues = 2;
  EXPECT_EQ((*Dataplane::open(options))->workers(), 2U);
}

// The twins' thread and the one of announcements give their frames to the same ring.
TEST_F(DataplaneTest, TwoThreadsInjectAtOnceAndEachFrameLeavesAndGivesItsBufferBack) {
  auto dataplane = Dataplane::open(small({{.name = "p0", .device = "null"}, {.name = "p1", .device = "null"}}, 1));
  ASSERT_TRUE(dataplane) << dataplane.error().message;
  ASSERT_TRUE((*dataplane)->run(world_.generation()));
  const Counter& injected = (*dataplane)->counters(WorkerId{0}).injected;
  const std::uint64_t free_before = (*dataplane)->pools()[0].available;
  constexpr std::uint64_t kEach = 20'000;
  std::atomic<std::uint64_t> refused{0};
  const Bytes bytes = frame().eth(kClient, kNode0).ipv4("10.0.0.1", "10.0.0.5").udp(1, 2).bytes();
  const auto inject = [&] {
    for (std::uint64_t taken = 0; taken < kEach;)
      if ((*dataplane)->inject({PortId{0}, bytes})) ++taken;
      else refused.fetch_add(1), std::this_thread::sleep_for(50us);
  };
  std::thread other{inject};
  inject();
  other.join();
  const auto patience = std::chrono::steady_clock::now() + 5s;
  while (injected.get() < 2 * kEach && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(injected.get(), 2 * kEach) << "one has overwritten another";
  EXPECT_EQ((*dataplane)->pools()[0].available, free_before);
  EXPECT_EQ((*dataplane)->untaken().injections, refused.load());
  const PoolState end = (*dataplane)->close();
  EXPECT_EQ(end.available, end.capacity);
}

TEST_F(DataplaneTest, AFrameOfOurSideThatGetsNoBufferIsCounted) {
  auto dataplane = Dataplane::open(small({{.name = "p0", .device = "null"}, {.name = "p1", .device = "null"}}, 1));
  ASSERT_TRUE(dataplane) << dataplane.error().message;
  ASSERT_TRUE((*dataplane)->run(world_.generation()));
  const Bytes fits_in_none(9000);
  EXPECT_FALSE((*dataplane)->inject({PortId{0}, fits_in_none}));
  EXPECT_FALSE((*dataplane)->send_beat(WorkerId{0}, PortId{0}, fits_in_none, Instant{}));
  EXPECT_EQ((*dataplane)->untaken().injections, 1U);
  EXPECT_EQ((*dataplane)->untaken().heartbeats, 1U);
}

// A client at the other end of a memif, in this same process.
class FarEnd {
 public:
  FarEnd(const std::string& socket, unsigned queues) {
    pool_ = *create_pool("far", {.buffers = 8191, .data_room_bytes = 2176, .bytes = 0});
    port_ = std::move(*Port::open({.id = PortId{9},
                                   .options = {.name = "far", .device = "memif:" + socket + ",client"},
                                   .device = *parse_device("memif:" + socket + ",client"),
                                   .workers = queues,
                                   .pool = pool_}));
    wire_.add(PortId{9}, *port_);
  }
  ~FarEnd() {
    port_.reset();
    free_pool(pool_);
  }
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;

  bool connected() { return port_->follow_link(), port_->state().up; }
  bool send(std::uint16_t queue, const Bytes& frame) {
    rte_mbuf* mbuf = copy_frame(pool_, frame);
    if (wire_.send(PortId{9}, queue, &mbuf, 1) == 1) return true;
    rte_pktmbuf_free(mbuf);
    return false;
  }

 private:
  rte_mempool* pool_ = nullptr;
  std::unique_ptr<Port> port_;
  EthdevWire wire_;
};

// The number of flows that each worker came to own, of 10,000 that arrive by queues which know nothing of owners.
std::vector<std::uint64_t> owned_over_memif(World& world, unsigned queues, std::uint64_t& handed_over) {
  const std::string socket = testing::TempDir() + "tandem-" + std::to_string(getpid()) + ".sock";
  DataplaneOptions options = small({{.name = "p0", .device = "memif:" + socket, .queues = queues}, {.name = "p1", .device = "null"}}, 2);
  world.workers = 2;
  world.services.push_back(nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80"}));
  Result<std::unique_ptr<Dataplane>> dataplane = Dataplane::open(options);
  EXPECT_TRUE(dataplane) << dataplane.error().message;
  EXPECT_TRUE((*dataplane)->run(world.generation()));
  FarEnd far{socket, queues};
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (!far.connected() && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(far.connected());
  for (unsigned flow = 0; flow < 10'000; ++flow) {
    const Bytes syn = frame()
                          .eth(kNode0, kGateway)
                          .ipv4("192.0.2." + std::to_string(1 + flow % 250), "10.0.0.100")
                          .tcp(static_cast<std::uint16_t>(1024 + flow / 250), 80, kTcpSyn)
                          .bytes();
    while (!far.send(static_cast<std::uint16_t>(flow % queues), syn) && std::chrono::steady_clock::now() < patience)
      std::this_thread::sleep_for(100us);
    if (flow % 100 == 99) std::this_thread::sleep_for(1ms);
  }
  std::vector<std::uint64_t> owned;
  std::uint64_t dropped = 0;
  do {
    std::this_thread::sleep_for(5ms);
    owned.clear(), dropped = handed_over = 0;
    for (const WorkerId worker : {WorkerId{0}, WorkerId{1}}) {
      const WorkerCounters& counters = (*dataplane)->counters(worker);
      owned.push_back(counters.entries_ipv4.get());
      dropped += counters.dropped[static_cast<std::size_t>(DropReason::handover_full)].get();
      handed_over += counters.handover_out.get();
    }
  } while (owned[0] + owned[1] + dropped < 10'000 && std::chrono::steady_clock::now() < patience);
  EXPECT_EQ(owned[0] + owned[1] + dropped, 10'000U);
  return owned;
}

TEST_F(DataplaneTest, AHeartbeatIsItsWorkersToSendAndTakesItsDeadlineAlong) {
  Result<std::unique_ptr<Dataplane>> opened =
      Dataplane::open(small({{.name = "p0", .device = "null"}, {.name = "p1", .device = "null"}}, 2));
  ASSERT_TRUE(opened) << opened.error().message;
  Dataplane& dataplane = **opened;
  const Bytes advert = frame().eth("01:00:5e:00:00:12", kNode1).ip("10.0.1.1", "224.0.0.18").ttl(255).protocol(112).payload(12).bytes();
  const Instant now = SteadyClock{}.now();
  EXPECT_FALSE(dataplane.send_beat(WorkerId{1}, PortId{1}, advert, now + 1s)) << "no worker runs yet";
  world_.workers = 2;
  ASSERT_TRUE(dataplane.run(world_.generation()));
  EXPECT_TRUE(dataplane.send_beat(WorkerId{1}, PortId{1}, advert, now + 10s));
  EXPECT_TRUE(dataplane.send_beat(WorkerId{1}, PortId{1}, advert, now));
  const WorkerCounters& counters = dataplane.counters(WorkerId{1});
  for (int i = 0; i < 1000 && (counters.originated.get() < 2 || counters.tx.get() < 1); ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(counters.beats_sent.get(), 1U);
  EXPECT_EQ(counters.dropped[static_cast<std::size_t>(DropReason::late_heartbeat)].get(), 1U);
  EXPECT_EQ(counters.tx.get(), 1U);
  EXPECT_TRUE(dataplane.accept_macs(PortId{0}, std::vector{mac("00:00:5e:00:01:07")}));
}

TEST_F(DataplaneTest, AnAdvertWakesThePairsThreadAndWaitsForIt) {
  const std::string socket = testing::TempDir() + "tandem-pair-" + std::to_string(getpid()) + ".sock";
  Result<std::unique_ptr<Dataplane>> opened = Dataplane::open(small({{.name = "p0", .device = "memif:" + socket}}, 1));
  ASSERT_TRUE(opened) << opened.error().message;
  Dataplane& dataplane = **opened;
  world_.pair = {true, 18264};
  world_.ports.resize(1), world_.routes.clear(), world_.neighbours.clear();
  ASSERT_TRUE(dataplane.run(world_.generation()));
  FarEnd far{socket, 1};
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (!far.connected() && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(1ms);
  const Bytes advert = frame().eth("01:00:5e:00:00:12", kClient).ip("10.0.0.2", "224.0.0.18").ttl(255).protocol(112).payload(12).bytes();
  ASSERT_TRUE(far.send(0, advert));
  pollfd waiting{dataplane.pair_descriptor(), POLLIN, 0};
  ASSERT_EQ(poll(&waiting, 1, 10'000), 1);
  std::vector<Bytes> taken;
  const auto take = [&](const PairFrame& frame) {
    EXPECT_EQ(frame.port, PortId{0});
    EXPECT_LT(SteadyClock{}.now() - frame.received, 10s);
    taken.emplace_back(frame.bytes.begin(), frame.bytes.end());
  };
  for (int i = 0; i < 100 && taken.empty(); ++i) dataplane.take_pair_frames(take);
  EXPECT_EQ(taken, std::vector<Bytes>{advert});
  EXPECT_EQ(poll(&waiting, 1, 0), 0) << "nothing waits any more";
  EXPECT_TRUE(far.send(0, advert)) << "and what nobody takes is given back at the end";
  std::this_thread::sleep_for(20ms);
}

TEST_F(DataplaneTest, TwoWorkersShareAMemifWithTwoQueues) {
  std::uint64_t handed_over = 0;
  const std::vector<std::uint64_t> owned = owned_over_memif(world_, 2, handed_over);
  for (const std::uint64_t flows : owned) EXPECT_TRUE(flows >= 3000 && flows <= 7000) << flows;
  EXPECT_GT(handed_over, 3000U) << "memif's queues disagree with owners half the time";
}

TEST_F(DataplaneTest, TwoWorkersShareAMemifWithOneQueue) {
  std::uint64_t handed_over = 0;
  const std::vector<std::uint64_t> owned = owned_over_memif(world_, 1, handed_over);
  for (const std::uint64_t flows : owned) EXPECT_TRUE(flows >= 3000 && flows <= 7000) << flows;
  EXPECT_GT(handed_over, 3000U);
}

}  // namespace
}  // namespace tandem::test
