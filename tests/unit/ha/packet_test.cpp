// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "controlplane/config/virtual_mac.h"
#include "controlplane/ha/frame.h"
#include "controlplane/ha/hello.h"
#include "controlplane/ha/vrrp_packet.h"

namespace tandem::ha {
namespace {

using namespace std::chrono_literals;

IpAddress ip(const char* text) { return *parse_address(text); }

TEST(Advert, ReadsWhatItWrote) {
  for (const char* address : {"10.0.0.1", "fe80::1"}) {
    const IpAddress source = ip(address), target = vrrp_group(source.family);
    const Advert advert{7, 250, 50ms, {source.family == Family::ipv4 ? ip("203.0.113.10") : ip("2001:db8::10")}, {}};
    AdvertFault fault{};
    const auto read = decode_advert(encode(advert, source, target), source, target, fault);
    ASSERT_TRUE(read) << name_of(fault);
    EXPECT_EQ(read->vrid, 7);
    EXPECT_EQ(read->priority, 250);
    EXPECT_EQ(read->interval, 50ms);
    EXPECT_EQ(read->addresses, advert.addresses);
  }
}

TEST(Advert, KnowsEitherChecksumOverIpv4) {
  const IpAddress source = ip("10.0.0.1"), target = vrrp_group(Family::ipv4);
  for (const ChecksumForm form : {ChecksumForm::with_pseudo_header, ChecksumForm::without}) {
    AdvertFault fault{};
    const auto read = decode_advert(encode({1, 100, 1s, {ip("10.0.0.9")}, form}, source, target), source, target, fault);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->form, form);
  }
}

TEST(Advert, EveryFlippedBitIsRefused) {
  const IpAddress source = ip("10.0.0.1"), target = vrrp_group(Family::ipv4);
  const auto sound = encode({1, 100, 1s, {ip("10.0.0.9"), ip("10.0.0.10")}, {}}, source, target);
  for (std::size_t bit = 0; bit < sound.size() * 8; ++bit) {
    auto bent = sound;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1 << bit % 8));
    AdvertFault fault{};
    EXPECT_FALSE(decode_advert(bent, source, target, fault)) << "bit " << bit;
  }
  AdvertFault fault{};
  EXPECT_FALSE(decode_advert(std::span{sound}.first(7), source, target, fault));
  EXPECT_EQ(fault, AdvertFault::short_packet);
}

TEST(Frame, AVrrpPacketArrivesAsItWasSent) {
  for (const std::uint16_t vlan : {std::uint16_t{0}, std::uint16_t{20}}) {
    for (const char* address : {"10.0.0.1", "fe80::1"}) {
      const IpAddress source = ip(address), target = vrrp_group(source.family);
      const auto advert = encode({7, 254, 50ms, {}, {}}, source, target);
      const Addressing way{config::virtual_mac(source.family, 7), multicast_mac(target), vlan, source, target};
      ReceivedPacket packet;
      const FrameBytes frame = vrrp_frame(way, advert);  // the payload lies in it
      ASSERT_TRUE(read_frame(frame, packet));
      EXPECT_EQ(packet.protocol, kVrrpProtocol);
      EXPECT_EQ(packet.hops, 255);
      EXPECT_EQ(packet.vlan, vlan);
      EXPECT_EQ(packet.source_mac, way.source_mac);
      EXPECT_EQ(packet.source, source);
      EXPECT_EQ(std::vector<std::uint8_t>(packet.payload.begin(), packet.payload.end()), advert) << "padding is not payload";
    }
  }
}

TEST(Frame, ADatagramArrivesAsItWasSentAndEveryCutIsRefused) {
  const std::vector<std::uint8_t> payload(77, 0x5a);
  const FrameBytes frame = udp_frame({{}, {}, 0, ip("10.0.0.1"), ip("10.0.0.2")}, 18264, payload);
  ReceivedPacket packet;
  ASSERT_TRUE(read_frame(frame, packet));
  EXPECT_EQ(packet.target_port, 18264);
  EXPECT_EQ(packet.payload.size(), payload.size());
  for (std::size_t cut = 0; cut < frame.size(); ++cut) EXPECT_FALSE(read_frame(std::span{frame}.first(cut), packet)) << cut;
}

TEST(Hello, ReadsWhatItWroteAndRefusesEveryCut) {
  Hello hello;
  hello.boot = 0x0123456789abcdef, hello.number = 42, hello.interval = 50ms, hello.ready = hello.held = hello.hears_on_sync = true;
  hello.stalled_workers = 5, hello.pair_digest = 6, hello.schedule_digest = 7;
  hello.lans = {{name_key("outside"), true, false, true}, {name_key("inside.20"), false, true, false}};
  hello.groups = {{name_key("blue"), Role::yielding, true, false, 65535, true}};
  const auto bytes = encode(hello);
  EXPECT_EQ(decode_hello(bytes), hello);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(decode_hello(std::span{bytes}.first(cut))) << cut;
}

TEST(Hello, ALaterVersionsLongerPartsAreReadAsFarAsTheyAreKnown) {
  Hello hello;
  hello.interval = 10ms, hello.lans = {{1, true, true, false}}, hello.groups = {{2, Role::active, false, true, 3}};
  auto bytes = encode(hello);
  bytes.insert(bytes.begin() + 48, 4, 0xee), bytes[3] = 52;  // four bytes more in its head
  EXPECT_EQ(decode_hello(bytes), hello);
}

TEST(Hello, TermsWrap) {
  EXPECT_TRUE(is_later(1, 0));
  EXPECT_TRUE(is_later(0, 65535));
  EXPECT_FALSE(is_later(65535, 0));
  EXPECT_FALSE(is_later(5, 5));
}

}  // namespace
}  // namespace tandem::ha
