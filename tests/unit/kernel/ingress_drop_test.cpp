// SPDX-License-Identifier: Apache-2.0
// The filter on a real veth: what its far end sends reaches the kernel, or does not.
#include "controlplane/kernel/ingress_drop.h"

#include <net/if.h>

#include "controlplane/kernel/traffic_control.h"
#include "tests/unit/kernel/frames.h"
#include "tests/unit/kernel/private_network.h"

namespace tandem {
namespace {

constexpr const char* kIngressObject = TANDEM_BPF_DIR "/ingress_drop.bpf.o";

struct IngressDropTest : NetworkTest {
  std::optional<FarEnd> far;
  int interface_index = 0;

  void prepare() override {
    far.emplace();
    run("ip link add n0 type veth peer name p0 netns " + far->pid() + " && ip link set n0 up && ip addr add 10.0.0.1/24 dev n0");
    // The VIP is put on the node here, as no operator would, so that a connection tells whether the kernel gets its frames.
    run("ip link set lo up && ip addr add 203.0.113.10/32 dev lo");
    far->run("ip link set p0 up && ip addr add 10.0.0.2/24 dev p0 && ip route add 203.0.113.0/24 via 10.0.0.1");
    interface_index = static_cast<int>(if_nametoindex("n0"));
  }
  // The node's TCP refuses a connection that it hears of; of a frame that is hidden from it nobody hears.
  bool reaches(const char* address) const {
    const std::string connect = std::string{"timeout 0.3 bash -c '\\''exec 3<>/dev/tcp/"} + address + "/9'\\'' 2>/dev/null; [ $? = 1 ]";
    return std::system(("nsenter --net=/proc/" + far->pid() + "/ns/net sh -c '" + connect + "'").c_str()) == 0;
  }
  static SteeringView view() {
    SteeringView made;
    made.vips[steer_key(ip("203.0.113.10"))] = 0;
    made.node_addresses[steer_key(ip("10.0.0.1"))] = 0;
    return made;
  }
  static Result<IngressDrop> install() { return IngressDrop::install(kIngressObject, "n0", view()); }
  std::size_t filters() const { return filters_on(interface_index, TcSide::ingress).value().size(); }
  bool clsact() const { return has_clsact(interface_index).value(); }
};

TEST_F(IngressDropTest, HidesVipFramesFromTheKernelAndNothingElse) {
  ASSERT_TRUE(reaches("203.0.113.10")) << "without the filter the kernel gets them";
  auto drop = install();
  ASSERT_TRUE(drop) << drop.error().message;
  EXPECT_FALSE(reaches("203.0.113.10"));
  EXPECT_TRUE(reaches("10.0.0.1"));
  ASSERT_TRUE(drop->apply(SteeringView{}));
  EXPECT_TRUE(reaches("203.0.113.10")) << "no longer a VIP";
}

TEST_F(IngressDropTest, LeavesNothingBehind) {
  {
    auto drop = install();
    ASSERT_TRUE(drop);
    EXPECT_EQ(filters(), 1U);
    const IngressDrop moved = std::move(*drop);
    EXPECT_EQ(filters(), 1U) << "moving it removes nothing";
  }
  EXPECT_FALSE(clsact());
  EXPECT_TRUE(reaches("203.0.113.10"));
}

TEST_F(IngressDropTest, SomebodyElsesFiltersAndClsactStay) {
  run("tc qdisc add dev n0 clsact && tc filter add dev n0 ingress bpf da obj " + std::string{kIngressObject} + " sec tc");
  {
    const auto drop = install();
    ASSERT_TRUE(drop) << drop.error().message;
    EXPECT_EQ(filters(), 2U);
    EXPECT_FALSE(reaches("203.0.113.10")) << "theirs, with empty maps, passes everything on";
  }
  EXPECT_EQ(filters(), 1U);
  EXPECT_TRUE(clsact());
}

TEST_F(IngressDropTest, AnEmptyClsactOfSomebodyElseStays) {
  run("tc qdisc add dev n0 clsact");
  { ASSERT_TRUE(install()); }
  EXPECT_EQ(filters(), 0U);
  EXPECT_TRUE(clsact());
}

TEST_F(IngressDropTest, OurClsactStaysWhileSomebodyElseUsesIt) {
  {
    const auto drop = install();
    ASSERT_TRUE(drop);
    run("tc filter add dev n0 egress bpf da obj " + std::string{kIngressObject} + " sec tc");
  }
  EXPECT_TRUE(clsact());
  EXPECT_EQ(filters_on(interface_index, TcSide::egress).value().size(), 1U);
}

TEST_F(IngressDropTest, WhatAKilledProcessLeftIsReplaced) {
  const pid_t killed = fork();
  if (killed == 0) {
    const auto drop = install();
    kill(getpid(), SIGKILL);
  }
  waitpid(killed, nullptr, 0);
  ASSERT_EQ(filters(), 1U) << "it should have been left";
  EXPECT_FALSE(reaches("203.0.113.10")) << "and hide the VIP from the kernel meanwhile";
  {
    const auto drop = install();
    ASSERT_TRUE(drop) << drop.error().message;
    EXPECT_EQ(filters(), 1U);
    EXPECT_FALSE(reaches("203.0.113.10"));
  }
  EXPECT_EQ(filters(), 0U);
  EXPECT_FALSE(clsact());
}

TEST_F(IngressDropTest, AFailureLeavesNothingAndSaysWhere) {
  const auto no_interface = IngressDrop::install(kIngressObject, "nowhere", view());
  ASSERT_FALSE(no_interface);
  EXPECT_NE(no_interface.error().message.find("nowhere"), std::string::npos) << no_interface.error().message;
  const auto no_object = IngressDrop::install("/nonexistent.o", "n0", view());
  ASSERT_FALSE(no_object);
  EXPECT_FALSE(clsact());
}

}  // namespace
}  // namespace tandem
