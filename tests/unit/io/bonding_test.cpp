// SPDX-License-Identifier: Apache-2.0
// Bonds of null devices: made, used and taken apart again with their members. What members do with a wire is for real cards.
#include <gtest/gtest.h>

#include "dataplane/io/ethdev_wire.h"
#include "dataplane/io/mempool.h"
#include "dataplane/io/port.h"
#include "dataplane/packet/packet.h"
#include "tests/unit/io/small_eal.h"

namespace tandem {
namespace {

class Bonding : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(small_eal());
    pool_ = *create_pool("bonds", {.buffers = 8192, .data_room_bytes = 2176, .bytes = 0});
  }
  void TearDown() override { free_pool(pool_); }
  Result<std::unique_ptr<Port>> open(const std::string& device, unsigned workers = 1) const {
    return Port::open({.id = PortId{3},
                       .options = {.name = "outside", .device = device},
                       .device = *parse_device(device),
                       .workers = workers,
                       .pool = pool_});
  }

  rte_mempool* pool_ = nullptr;
};

TEST_F(Bonding, OpensInEachModeAndGoesWithItsMembers) {
  for (const char* device : {"bonding:active-backup,null,null", "bonding:balance-xor,null,null", "bonding:lacp,null,null"}) {
    for (int round = 0; round < 2; ++round) {
      const Result<std::unique_ptr<Port>> port = open(device);
      ASSERT_TRUE(port) << port.error().message;
      EXPECT_EQ((*port)->state().driver, "net_bonding");
      EXPECT_EQ((*port)->state().twin, TwinKind::tap);
      EXPECT_EQ((*port)->speaks_when_idle(), std::string_view{device}.starts_with("bonding:lacp"));
    }
    EXPECT_EQ(pool_available(pool_), 8192U) << device << ": its names must be free again, and no buffer lost";
  }
}

TEST_F(Bonding, AMemberThatIsNotThereIsNamed) {
  const Result<std::unique_ptr<Port>> port = open("bonding:lacp,0000:ff:1f.6,0000:ff:1f.7");
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().message.find("its member 0000:ff:1f.6"), std::string::npos) << port.error().message;
  EXPECT_TRUE(open("bonding:active-backup,null,null")) << "nothing is left of the attempt";
}

// LACP's frames come out when the port is polled, also when nothing else is sent.
TEST_F(Bonding, PollingALacpBondSendsNothingOfOurs) {
  const std::unique_ptr<Port> port = std::move(*open("bonding:lacp,null,null"));
  EthdevWire wire;
  wire.add(PortId{0}, *port);
  std::array<rte_mbuf*, 4> burst{};
  for (int round = 0; round < 100; ++round) EXPECT_EQ(wire.receive(PortId{0}, 0, burst.data(), burst.size()), 0);
}

}  // namespace
}  // namespace tandem
