// SPDX-License-Identifier: Apache-2.0
// Ports that need neither root nor a network: null devices, and refusals.
#include "dataplane/io/port.h"

#include <gtest/gtest.h>

#include "dataplane/io/ethdev_wire.h"
#include "dataplane/io/mempool.h"
#include "dataplane/packet/packet.h"
#include "tests/unit/io/small_eal.h"
#include "tests/unit/kernel/private_network.h"

namespace tandem {
namespace {

class PortTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(small_eal());
    const Result<rte_mempool*> pool = create_pool("ports", {.buffers = 8192, .data_room_bytes = 2176, .bytes = 0});
    ASSERT_TRUE(pool) << pool.error().message;
    pool_ = *pool;
  }
  void TearDown() override { free_pool(pool_); }

  Port::Request request(const std::string& device, unsigned workers = 1) const {
    return {.id = PortId{0},
            .options = {.name = "outside", .device = device},
            .device = *parse_device(device),
            .workers = workers,
            .pool = pool_};
  }

  rte_mempool* pool_ = nullptr;
};

TEST_F(PortTest, ANullPortComesUpWithAsManyQueuesAsWorkers) {
  Result<std::unique_ptr<Port>> port = Port::open(request("null", 2));
  ASSERT_TRUE(port) << port.error().message;
  const PortState& state = (*port)->state();
  EXPECT_EQ(state.rx_queues, 2U);
  EXPECT_EQ(state.tx_queues, 2U);
  EXPECT_TRUE(state.up);
  EXPECT_EQ(state.note, "");
  EXPECT_FALSE(state.mac.is_zero() || state.mac.is_multicast());
}

TEST_F(PortTest, TheDerivedMacStaysAndTheConfiguredOneWins) {
  const MacAddress first = (*Port::open(request("null")))->state().mac;
  EXPECT_EQ((*Port::open(request("null")))->state().mac, first);
  Port::Request chosen = request("null");
  chosen.options.mac = MacAddress{{2, 0, 0, 0, 0, 0x11}};
  EXPECT_EQ((*Port::open(chosen))->state().mac, *chosen.options.mac);
}

TEST_F(PortTest, APortCanBeOpenedAgainAfterItWasClosed) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Port::open(request("null"))) << "round " << i;
  EXPECT_EQ(pool_available(pool_), 8192U);
}

TEST_F(PortTest, SentFramesAreCounted) {
  const std::unique_ptr<Port> port = std::move(*Port::open(request("null")));
  EthdevWire wire;
  wire.add(PortId{0}, *port);
  std::array<rte_mbuf*, 4> burst{};
  ASSERT_EQ(rte_pktmbuf_alloc_bulk(pool_, burst.data(), burst.size()), 0);
  for (rte_mbuf* mbuf : burst) rte_pktmbuf_append(mbuf, 60);
  EXPECT_EQ(wire.send(PortId{0}, 0, burst.data(), burst.size()), 4);
  EXPECT_EQ(port->stats().tx_packets, 4U);
  EXPECT_EQ(wire.receive(PortId{0}, 0, burst.data(), burst.size()), 0) << "a null port receives nothing";
}

TEST_F(PortTest, ANullPortNeedsNothingToTakeVirtualMacs) {
  const std::unique_ptr<Port> port = std::move(*Port::open(request("null")));
  const std::vector<MacAddress> group{MacAddress{{0, 0, 0x5e, 0, 1, 7}}};
  EXPECT_TRUE(port->accept_macs(group));
  EXPECT_EQ(port->state().note, "");
}

TEST_F(PortTest, AnInterfaceBecomesPromiscuousForVirtualMacsAndIsPutBack) {
  const PrivateNetwork network;
  if (!network.why_not().empty()) GTEST_SKIP() << "needs root: no network namespace can be made: " << network.why_not();
  run("ip link add outside type veth peer name far && ip link set outside up && ip link set far up");
  const auto is_promiscuous = [] { return std::system("ip -d link show outside | grep -q 'promiscuity [1-9]'") == 0; };
  Result<std::unique_ptr<Port>> port = Port::open(request("af_packet:outside"));
  ASSERT_TRUE(port) << port.error().message;
  const MacAddress own = (*port)->state().mac;
  const std::vector<MacAddress> group{MacAddress{{0, 0, 0x5e, 0, 1, 7}}};
  ASSERT_TRUE((*port)->accept_macs(group));
  ASSERT_TRUE((*port)->accept_macs(group));
  EXPECT_TRUE((*port)->state().note.ends_with("promiscuous, for virtual MACs")) << (*port)->state().note;
  EXPECT_TRUE(is_promiscuous());
  EXPECT_EQ((*port)->state().mac, own);
  port->reset();
  EXPECT_FALSE(is_promiscuous());
}

TEST_F(PortTest, AMissingInterfaceIsNamedWithItsPort) {
  const Result<std::unique_ptr<Port>> port = Port::open(request("af_packet:tandem-none"));
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().message, "port outside: af_packet:tandem-none: no such interface");
}

TEST_F(PortTest, ADriversOwnWordsExplainItsFailure) {
  const Result<std::unique_ptr<Port>> port = Port::open(request("pcap:/nonexistent/in.pcap,/nonexistent/out.pcap"));
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().message.find("/nonexistent/in.pcap"), std::string::npos) << port.error().message;
}

TEST_F(PortTest, APciDeviceThatIsNotThereIsSaidToBeMissing) {
  const Result<std::unique_ptr<Port>> port = Port::open(request("0000:ff:1f.7"));
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().message.find("no DPDK driver has taken it"), std::string::npos) << port.error().message;
}

}  // namespace
}  // namespace tandem
