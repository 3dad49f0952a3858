// SPDX-License-Identifier: Apache-2.0
// The pool runs dry in the middle of traffic: what comes in vain is counted by the device, what would be made is counted as lost, nothing
// is kept that should go, and with the first buffers that come back there is service again.
#include <optional>

#include "tests/packet/scenario.h"
#include "tests/support/drought.h"
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

constexpr PortId kFront{0}, kBack{1};

// Receives as drivers do: into a buffer of the pool; without one it counts, and the frame is lost.
class Device final : public Wire {
 public:
  void come(const Frame& frame, std::size_t times = 1) { waiting_.insert(waiting_.end(), times, frame.bytes()); }
  std::uint16_t receive(PortId port, std::uint16_t, rte_mbuf** burst, std::uint16_t room) noexcept override {
    std::uint16_t count = 0;
    for (; port == kFront && count < room && !waiting_.empty(); waiting_.pop_front()) {
      rte_mbuf* const mbuf = rte_pktmbuf_alloc(test_pool());
      if (mbuf == nullptr) {
        ++no_buffer;
        continue;
      }
      std::memcpy(rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(waiting_.front().size())), waiting_.front().data(),
                  waiting_.front().size());
      burst[count++] = mbuf;
    }
    return count;
  }
  std::uint16_t send(PortId, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept override {
    sent += count;
    rte_pktmbuf_free_bulk(burst, count);
    return count;
  }

  std::uint64_t no_buffer = 0, sent = 0;

 private:
  std::deque<Bytes> waiting_;
};

// Beside the web there is a service whose server nobody has heard of: what is sent there waits for a second, in a buffer each.
class DryWorker : public testing::Test {
 protected:
  static constexpr std::size_t kLeft = 64;

  void begin(const HerdOptions& options = {.workers = 1, .queues = {{1, 1}, {1, 1}}}) {
    world.services.push_back(nat_service("10.0.0.101:80", {"10.0.1.99:80"}));
    herd = std::make_unique<Herd>(world, options, &device);
  }
  static Frame to_nobody(unsigned flow) {
    return frame().eth(kNode0, kGateway).ipv4(client_of(flow), "10.0.0.101").tcp(port_of(flow), 80, kTcpSyn).payload(0);
  }
  static Frame later_fragment(unsigned flow) {
    return frame().eth(kNode0, kGateway).ipv4(client_of(flow), "10.0.0.100").fragment(64, true, flow + 1).protocol(6).payload(64);
  }
  // How many of them left.
  std::uint64_t forwarded(const Frame& frame, std::size_t times = 1) {
    const std::uint64_t before = device.sent;
    device.come(frame, times);
    herd->turn();
    return device.sent - before;
  }
  std::uint64_t received() const {
    return herd->sum([](const WorkerCounters& counters) -> const Counter& { return counters.rx; });
  }
  std::uint64_t held() const {
    return herd->sum([](const WorkerCounters& counters) -> const Counter& { return counters.held; });
  }

  World world = web_world();
  Device device;
  std::unique_ptr<Herd> herd;
  std::optional<Drought> drought;
};

TEST_F(DryWorker, LosesByNameWhileAllWaitAndServesAgainWhenTheyHaveGone) {
  begin();
  ASSERT_EQ(forwarded(syn(1)), 1U);
  drought.emplace(kLeft);
  for (unsigned flow = 0; flow < 100; ++flow) device.come(to_nobody(flow));
  herd->turn();
  EXPECT_EQ(held(), kLeft);
  EXPECT_EQ(device.no_buffer, 100 - kLeft);
  EXPECT_EQ(forwarded(syn(1)), 0U) << "there is none for anybody";
  EXPECT_EQ(received() + device.no_buffer, 102U) << "each is accounted for";
  herd->expect_balance();
  herd->clock.advance(HoldQueue::kPatience);
  herd->turn();
  EXPECT_EQ(herd->dropped(DropReason::unresolved_neighbour), kLeft);
  EXPECT_EQ(drought->in_use_by_others(), 0U);
  EXPECT_EQ(forwarded(syn(1)), 1U) << "who was connected";
  EXPECT_EQ(forwarded(syn(2)), 1U) << "and who is new";
}

// The control: nothing of this is so with buffers enough.
TEST_F(DryWorker, WithBuffersEnoughTheSameTrafficHarmsNobodyElse) {
  begin();
  ASSERT_EQ(forwarded(syn(1)), 1U);
  for (unsigned flow = 0; flow < 100; ++flow) device.come(to_nobody(flow));
  herd->turn();
  EXPECT_EQ(forwarded(syn(1)), 1U);
  EXPECT_EQ(held(), 100U);
  EXPECT_EQ(device.no_buffer, 0U);
}

TEST_F(DryWorker, ServiceGoesOnWithTheOneBufferThatIsLeft) {
  begin();
  drought.emplace(1);
  for (unsigned flow = 0; flow < 50; ++flow) EXPECT_EQ(forwarded(syn(flow)), 1U);
  EXPECT_EQ(device.no_buffer, 0U);
}

TEST_F(DryWorker, FragmentsThatWaitGiveBackWhatTheyKeep) {
  begin();
  drought.emplace(kLeft);
  for (unsigned flow = 0; flow < kLeft; ++flow) device.come(later_fragment(flow));
  herd->turn();
  EXPECT_EQ(held(), kLeft);
  EXPECT_EQ(forwarded(syn(1)), 0U);
  herd->clock.advance(DatagramTable::kPatience);
  herd->turn();
  EXPECT_EQ(herd->dropped(DropReason::fragment_timed_out), kLeft);
  EXPECT_EQ(forwarded(syn(1)), 1U);
}

TEST_F(DryWorker, ARingWhoseReaderStandsStillGivesBackWhatItKeeps) {
  begin({.workers = 2, .queues = {{1, 1}, {1, 1}}});
  drought.emplace(kLeft);
  for (unsigned flow = 0; flow < 400; ++flow) device.come(syn(flow));
  while (herd->workers[0]->turn()) continue;
  EXPECT_GT(device.no_buffer, 0U);
  EXPECT_EQ(received() + device.no_buffer, 400U);
  herd->turn();
  EXPECT_EQ(herd->connections() + device.no_buffer, 400U) << "those that were kept have arrived";
  EXPECT_EQ(drought->in_use_by_others(), 0U);
  EXPECT_EQ(forwarded(syn(1000)), 1U);
}

class DryPipeline : public Scenario {};

TEST_F(DryPipeline, AConnectionIsCutThoughNobodyCanBeToldAndWhoSpeaksAfterwardsIs) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  order_cut({Protocol::tcp, address("10.0.0.5"), address("10.0.0.100"), 40000, 80});
  {
    const Drought dry{0};
    EXPECT_EQ(sweep(), Lines{});
  }
  EXPECT_EQ(counted(OwnSegmentKind::lost), 2U);
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U) << "what was not made is in no balance";
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::closed_cut), 1U);
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck).numbers(5000, 7000)),
            (Lines{leaves(kP0, at_client(flow, kTcpRst).ttl(64).numbers(7000, 0))[0], "drop connection_cut"}));
  EXPECT_EQ(counted(OwnSegmentKind::lost), 2U);
}

// Errors and answers are made of the packet that asked for them.
TEST_F(DryPipeline, ErrorsAndAnswersNeedNoBufferBesidesThePackets) {
  const Drought dry{1};
  EXPECT_EQ(client_sends(from_client({kWeb, 40000}).ttl(1)).size(), 2U) << "dropped, and told";
  EXPECT_EQ(client_sends(frame().eth("ff:ff:ff:ff:ff:ff", kClient).arp(1, kClient, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.100")).size(),
            1U);
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").icmp(kIcmpEchoRequest).payload(56)).size(), 1U);
  EXPECT_EQ(counted(IcmpErrorFate::time_exceeded), 1U);
  EXPECT_EQ(counted(&WorkerCounters::originated), 3U);
}

}  // namespace
}  // namespace tandem::test
