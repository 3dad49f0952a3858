// SPDX-License-Identifier: Apache-2.0
// TAP twins beside a real kernel: frames that go in at one side come out at the other.
#include "controlplane/kernel/twin.h"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "common/net/checksum.h"
#include "tests/unit/kernel/frames.h"
#include "tests/unit/kernel/private_network.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

TEST(TwinName, IsThePortsNameWithinTheKernelsFifteenCharacters) {
  EXPECT_EQ(twin_name("front"), "tdm-front");
  EXPECT_EQ(twin_name("elevenchars"), "tdm-elevenchars");
  EXPECT_EQ(twin_name("twelve-chars").size(), 15U);
  EXPECT_NE(twin_name("twelve-chars"), twin_name("twelve-charx")) << "both begin alike";
}

// The dataplane's side, as rings would be: frames put here are taken by the twins' thread, frames injected arrive here.
struct Rings {
  std::mutex lock;
  std::condition_variable arrived;
  std::deque<std::pair<PortId, Frame>> punted, injected;
  bool full = false;

  void punt(PortId port, Frame frame) {
    const std::lock_guard guard{lock};
    punted.emplace_back(port, std::move(frame));
  }
  void take(const Twins::FrameHandler& handle) {
    std::deque<std::pair<PortId, Frame>> taken;
    {
      const std::lock_guard guard{lock};
      taken.swap(punted);
    }
    for (const auto& [port, frame] : taken) handle(port, frame);
  }
  bool inject(PortId port, Twins::Frame frame) {
    const std::lock_guard guard{lock};
    if (full) return false;
    injected.emplace_back(port, Frame{frame.begin(), frame.end()});
    arrived.notify_one();
    return true;
  }
  // The next injected frame that `fits`, within two seconds.
  template <typename Fits>
  std::optional<Frame> wait_for(const Fits& fits) {
    std::unique_lock guard{lock};
    const auto end = std::chrono::steady_clock::now() + 2s;
    while (true) {
      while (!injected.empty()) {
        const Frame frame = std::move(injected.front().second);
        injected.pop_front();
        if (fits(frame)) return frame;
      }
      if (arrived.wait_until(guard, end) == std::cv_status::timeout) return std::nullopt;
    }
  }
};

bool has_type(const Frame& frame, Be16 type) { return frame.size() >= 14 && std::memcmp(frame.data() + 12, &type, 2) == 0; }

struct TwinTest : NetworkTest {
  static constexpr PortId kPort{2};
  const MacAddress own = mac("02:00:00:00:00:01");
  Rings rings;
  Twins twins{[this](const Twins::FrameHandler& handle) { rings.take(handle); },
              [this](PortId port, Twins::Frame frame) { return rings.inject(port, frame); }};

  void prepare() override {
    const auto name = twins.add({.port = kPort, .name = "front", .mac = own, .mtu_bytes = 1400});
    ASSERT_TRUE(name) << name.error().message;
    EXPECT_EQ(*name, "tdm-front");
    run("ip addr add 10.0.0.1/24 dev tdm-front && ip addr add 10.0.9.1/32 dev lo && ip link set lo up");
  }
  template <typename Holds>
  bool becomes(const Holds& holds) {
    for (int tries = 0; tries < 200; ++tries, std::this_thread::sleep_for(10ms)) {
      if (holds()) return true;
    }
    return false;
  }
  void start() {
    const auto started = twins.start();
    ASSERT_TRUE(started) << started.error().message;
  }
  Frame who_has(std::string_view address) const { return FrameOf{.target = mac("ff:ff:ff:ff:ff:ff")}.arp("10.0.0.50", address); }
};

TEST_F(TwinTest, HasThePortsMacMtuAndCarrierAndIsPersistent) {
  run("ip -d link show tdm-front | tr '\\n' ' ' | grep 'mtu 1400' | grep 'LOWER_UP' | grep 'link/ether 02:00:00:00:00:01' | grep -q "
      "'persist on'");
}

TEST_F(TwinTest, AnswersArpForItsOwnAddressesAlone) {
  run("[ $(cat /proc/sys/net/ipv4/conf/tdm-front/arp_ignore) = 1 ] && [ $(cat /proc/sys/net/ipv4/conf/tdm-front/arp_announce) = 2 ] && "
      "[ $(cat /proc/sys/net/ipv4/conf/tdm-front/arp_filter) = 1 ]");
  start();
  rings.punt(kPort, who_has("10.0.9.1"));  // the node's, but not this interface's
  rings.punt(kPort, who_has("10.0.0.1"));
  const auto answer = rings.wait_for([](const Frame& frame) { return has_type(frame, kEtherArp); });
  ASSERT_TRUE(answer) << "the kernel should have answered";
  ArpHeader header;
  std::memcpy(&header, answer->data() + 14, sizeof header);
  const Ipv4Address sender = header.sender;  // a packed field cannot be referred to
  EXPECT_EQ(header.operation.host(), 2);
  EXPECT_EQ(sender, ip("10.0.0.1").v4()) << "the first answer is the right one's: nothing was said for 10.0.9.1";
  EXPECT_EQ(header.sender_mac, own);
}

TEST_F(TwinTest, TheKernelAnswersAPingThroughIt) {
  run("ip neigh replace 10.0.0.50 lladdr 02:00:00:00:00:aa dev tdm-front nud permanent");
  start();
  Frame ping = FrameOf{.target = own}.ipv4("10.0.0.50", "10.0.0.1", 1);
  IcmpHeader echo{.type = kIcmpEchoRequest, .id = Be16{7}, .sequence = Be16{1}};
  ping << echo;
  ping.resize(14 + 40);  // as long as its length says
  auto* header = reinterpret_cast<Ipv4Header*>(ping.data() + 14);
  header->checksum = finish_checksum(sum_bytes(header, sizeof *header));
  auto* icmp = reinterpret_cast<IcmpHeader*>(ping.data() + 34);
  icmp->checksum = finish_checksum(sum_bytes(icmp, 20));
  rings.punt(kPort, ping);
  const auto reply = rings.wait_for([](const Frame& frame) { return has_type(frame, kEtherIpv4) && frame.size() >= 54 && frame[23] == 1; });
  ASSERT_TRUE(reply);
  EXPECT_EQ((*reply)[34], kIcmpEchoReply);
  EXPECT_GE(twins.counters().to_kernel, 1U);
  EXPECT_GE(twins.counters().from_kernel, 1U);
}

TEST_F(TwinTest, ChecksumsOfTheKernelsOwnTcpAreWhole) {
  run("ip neigh replace 10.0.0.50 lladdr 02:00:00:00:00:aa dev tdm-front nud permanent");
  start();
  run("timeout 1 bash -c 'exec 3<>/dev/tcp/10.0.0.50/80' 2>/dev/null & true");
  const auto syn = rings.wait_for([](const Frame& frame) { return has_type(frame, kEtherIpv4) && frame[23] == 6; });
  ASSERT_TRUE(syn);
  const std::uint32_t length = static_cast<std::uint32_t>(syn->size() - 34);
  const Sum sum = pseudo_header_sum(ip("10.0.0.1"), ip("10.0.0.50"), 6, length) + sum_bytes(syn->data() + 34, length);
  EXPECT_EQ(fold(sum), 0xffff) << "there is no offload to finish it";
}

TEST_F(TwinTest, CarrierAndMtuFollowThePort) {
  start();
  twins.set_carrier(kPort, false);
  EXPECT_TRUE(becomes([] { return std::system("ip link show tdm-front | grep -q NO-CARRIER") == 0; }));
  twins.set_carrier(kPort, true);
  EXPECT_TRUE(becomes([] { return std::system("ip link show tdm-front | grep -q LOWER_UP") == 0; }));
  twins.set_mtu(kPort, 1300);
  EXPECT_TRUE(becomes([] { return std::system("ip link show tdm-front | grep -q 'mtu 1300'") == 0; }));
}

TEST_F(TwinTest, WhatCannotBeTakenIsCountedAndDropped) {
  start();
  rings.punt(PortId{9}, who_has("10.0.0.1"));
  EXPECT_TRUE(becomes([&] { return twins.counters().unknown_port == 1; }));
  run("ip link set tdm-front down");
  rings.punt(kPort, who_has("10.0.0.1"));
  EXPECT_TRUE(becomes([&] { return twins.counters().kernel_refused == 1; }));
  {
    const std::lock_guard guard{rings.lock};
    rings.full = true;
  }
  run("ip link set tdm-front up && bash -c 'echo > /dev/udp/10.0.0.77/9'");
  EXPECT_TRUE(becomes([&] { return twins.counters().dataplane_refused >= 1; }));
}

TEST_F(TwinTest, TheInterfaceStaysWithItsAddressesWhenTheProgramEnds) {
  start();
  twins.stop();
  run("ip link show tdm-front | grep -q NO-CARRIER && ip addr show tdm-front | grep -q 10.0.0.1/24");
  EXPECT_FALSE(Tap::open("tdm-front")) << "two at once would each get half of the frames";
}

TEST_F(TwinTest, AForeignInterfaceOfThatNameIsRefusedInWords) {
  run("ip link add tdm-back type veth peer name back2");
  const auto refused = twins.add({.port = PortId{3}, .name = "back", .mac = own});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("tdm-back"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace tandem
