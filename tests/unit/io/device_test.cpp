// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/device.h"

#include <gtest/gtest.h>

#include "dataplane/io/bonding.h"

namespace tandem {
namespace {

Device read(std::string_view text) {
  const Result<Device> device = parse_device(text);
  EXPECT_TRUE(device) << text << ": " << (device ? "" : device.error().message);
  return device.value_or(Device{});
}

std::string refusal(std::string_view text) {
  const Result<Device> device = parse_device(text);
  EXPECT_FALSE(device) << text << " was taken";
  return device ? "" : device.error().message;
}

TEST(Device, PciAddressesMayLackTheirDomain) {
  EXPECT_EQ(read("0000:3b:00.0").kind, DeviceKind::pci);
  EXPECT_EQ(read("3b:00.1").target, "0000:3b:00.1");
  refusal("3b:00.8");  // a PCI device has eight functions, 0 to 7
  refusal("3g:00.0");
}

TEST(Device, EachWordNamesItsDriver) {
  EXPECT_EQ(read("af_packet:eth1").kind, DeviceKind::af_packet);
  EXPECT_EQ(read("af_xdp:eth1").target, "eth1");
  EXPECT_EQ(read("tap:t0").kind, DeviceKind::tap);
  EXPECT_EQ(read("null").kind, DeviceKind::null);
  const Device bond = read("net_bonding0,mode=1,slave=0000:01:00.0");
  EXPECT_EQ(bond.kind, DeviceKind::vdev);
  EXPECT_EQ(bond.target, "net_bonding0");
  EXPECT_EQ(bond.second, "mode=1,slave=0000:01:00.0");
}

TEST(Device, MemifIsServerUnlessToldOtherwise) {
  EXPECT_FALSE(read("memif:/run/m.sock").client);
  EXPECT_FALSE(read("memif:/run/m.sock,server").client);
  EXPECT_TRUE(read("memif:/run/m.sock,client").client);
  EXPECT_NE(refusal("memif:/run/m.sock,slave").find("',client'"), std::string::npos);
  EXPECT_NE(refusal("memif:m.sock").find("full path"), std::string::npos);
}

TEST(Device, AGuestConnectsAndAHypervisorListensUnlessToldOtherwise) {
  EXPECT_EQ(read("virtio_user:/run/v.sock").kind, DeviceKind::virtio_user);
  EXPECT_TRUE(read("virtio_user:/run/v.sock").client);
  EXPECT_FALSE(read("virtio_user:/run/v.sock,server").client);
  EXPECT_EQ(read("vhost:/run/v.sock").kind, DeviceKind::vhost);
  EXPECT_FALSE(read("vhost:/run/v.sock").client);
  EXPECT_TRUE(read("vhost:/run/v.sock,client").client);
  EXPECT_NE(refusal("vhost:v.sock").find("full path"), std::string::npos);
  EXPECT_NE(refusal("virtio_user:/run/v.sock,queues=9").find("',client' or ',server'"), std::string::npos);
  EXPECT_EQ(read("virtio_user0,path=/dev/vhost-net").kind, DeviceKind::vdev) << "a raw string, as the configuration takes it too";
}

TEST(Device, ABondNamesItsModeAndItsMembers) {
  const Device bond = read("bonding:lacp,0000:3b:00.0,3b:00.1");
  EXPECT_EQ(bond.kind, DeviceKind::bonding);
  ASSERT_EQ(bond.members.size(), 2U);
  EXPECT_EQ(bond.members[1].target, "0000:3b:00.1");
  EXPECT_EQ(twin_of(bond.kind), TwinKind::tap);
  EXPECT_EQ(arguments_of(bond, {.port = 2, .members = {"0000:3b:00.0", "0000:3b:00.1"}}).arguments,
            "mode=4,slave=0000:3b:00.0,slave=0000:3b:00.1,xmit_policy=l34");
  EXPECT_TRUE(speaks_when_idle(bond)) << "LACP's own frames leave when it is polled";
  EXPECT_FALSE(speaks_when_idle(read("bonding:active-backup,tap:a,tap:b")));
}

TEST(Device, ABondThatCannotBeIsRefusedWithTheReason) {
  EXPECT_NE(refusal("bonding:lacp").find("has no members"), std::string::npos);
  EXPECT_NE(refusal("bonding:0000:3b:00.0,0000:3b:00.1").find("begins with no mode"), std::string::npos);
  EXPECT_NE(refusal("bonding:lacp,tap:a,tap:a").find("names one member twice"), std::string::npos);
  EXPECT_NE(refusal("bonding:lacp,eth1").find("a member of the bond: 'eth1' is no device"), std::string::npos);
  for (const char* text : {"bonding:lacp,af_xdp:eth1,af_xdp:eth2", "bonding:lacp,af_packet:eth1", "bonding:lacp,bonding:lacp"})
    EXPECT_FALSE(parse_device(text)) << text;
}

TEST(Device, PcapNeedsTwoFiles) {
  const Device capture = read("pcap:/tmp/in.pcap,/tmp/out.pcap");
  EXPECT_EQ(capture.target, "/tmp/in.pcap");
  EXPECT_EQ(capture.second, "/tmp/out.pcap");
  for (const char* text : {"pcap:a", "pcap:a,", "pcap:,b", "pcap:a,b,c"}) EXPECT_NE(refusal(text).find("'pcap:"), std::string::npos);
  EXPECT_NE(refusal("pcap:a,a").find("same file"), std::string::npos);
}

TEST(Device, NamesThatDpdkWouldReadAsMoreArgumentsAreRefused) {
  for (const char* text : {"af_packet:", "af_packet:e,qpairs=9", "af_xdp:a/b", "tap:a b", "af_packet:an-interface-name", "pcap:[a],b"})
    EXPECT_FALSE(parse_device(text)) << text;
}

TEST(Device, AnUnknownWordIsToldWhatThereIs) {
  EXPECT_NE(refusal("eth1").find("expected a PCI address, af_packet:IF"), std::string::npos);
  refusal("afpacket:eth1");
  refusal("");
}

TEST(Device, TheTwinFollowsTheKind) {
  EXPECT_EQ(twin_of(DeviceKind::af_packet), TwinKind::copied);
  EXPECT_EQ(twin_of(DeviceKind::af_xdp), TwinKind::steered);
  EXPECT_EQ(twin_of(DeviceKind::pci), TwinKind::tap);
  EXPECT_EQ(twin_of(DeviceKind::tap), TwinKind::tap);
  for (const DeviceKind kind : {DeviceKind::memif, DeviceKind::pcap, DeviceKind::null}) EXPECT_EQ(twin_of(kind), TwinKind::none);
}

TEST(Device, ArgumentsCarryQueuesProgramAndRingSizes) {
  const DeviceArguments packet = arguments_of(read("af_packet:eth1"), {.port = 3, .queues = 2});
  EXPECT_EQ(packet.name, "net_af_packet3");
  EXPECT_EQ(packet.arguments, "iface=eth1,qpairs=2,framesz=2048,blocksz=8192,framecnt=2048");
  const DeviceArguments xdp = arguments_of(read("af_xdp:eth1"), {.port = 1, .queues = 1, .steering_program = "/usr/lib/steer.o"});
  EXPECT_EQ(xdp.arguments, "iface=eth1,start_queue=0,queue_count=1,xdp_prog=/usr/lib/steer.o");
  EXPECT_EQ(arguments_of(read("pcap:a,b"), {}).arguments, "rx_pcap=a,tx_pcap=b");
  EXPECT_NE(arguments_of(read("memif:/m,client"), {}).arguments.find("role=client,socket=/m"), std::string::npos);
  EXPECT_EQ(arguments_of(read("null"), {.port = 7}).name, "net_null7");
  EXPECT_EQ(arguments_of(read("virtio_user:/v"), {.queues = 2}).arguments, "path=/v,queues=2,queue_size=1024");
  EXPECT_EQ(arguments_of(read("virtio_user:/v,server"), {}).arguments, "path=/v,queues=1,queue_size=1024,server=1");
  EXPECT_EQ(arguments_of(read("vhost:/v"), {.port = 1, .queues = 2}).name, "net_vhost1");
  EXPECT_EQ(arguments_of(read("vhost:/v,client"), {.queues = 2}).arguments, "iface=/v,queues=2,client=1");
}

TEST(Device, PacketRingSlotsHoldAWholeFrameAndMakeWholePages) {
  for (unsigned mtu = 576; mtu <= 9600; ++mtu) {
    const std::uint32_t slot = packet_ring_slot_bytes(static_cast<std::uint16_t>(mtu));
    ASSERT_GE(slot, mtu + 18 + 66) << "MTU " << mtu;  // the kernel puts the frame 66 bytes behind the slot's start
    ASSERT_EQ(4 * slot % 4096, 0U) << "a block must be whole pages";
  }
}

}  // namespace
}  // namespace tandem
