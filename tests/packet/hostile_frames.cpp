// SPDX-License-Identifier: Apache-2.0
// Frames odd as a whole: too long, in many pieces, of one byte throughout, of chance; and what a flood of them does to others.
#include <random>

#include "tests/packet/hostile.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

class HostileFrames : public Hostile {
 protected:
  // As many segments as it takes, of `piece` bytes each.
  static rte_mbuf* in_pieces(const Bytes& frame, std::size_t piece) {
    rte_mbuf* whole = nullptr;
    for (std::size_t at = 0; at < frame.size(); at += piece) {
      rte_mbuf* next = to_mbuf(std::span{frame}.subspan(at, std::min(piece, frame.size() - at)));
      if (whole == nullptr) whole = next;
      else EXPECT_EQ(rte_pktmbuf_chain(whole, next), 0);
    }
    return whole;
  }
};

TEST_F(HostileFrames, SuperFrames) {
  for (const std::size_t payload : {1461, 1462, 1900}) {
    expect_drop(from_client({kWeb, 1}).payload(payload), "super_frame");
    expect_drop(from_client({kWeb6, 1}).payload(payload), "super_frame");
  }
  expect_drop(from_client({kWeb, 1}).pad_to(1515), "super_frame");
  expect_drop(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.1").udp(1, 2).payload(1473), "super_frame");
}

TEST_F(HostileFrames, SuperFramesInTwoSegments) {
  const Bytes merged = from_client({kWeb, 1}, kTcpAck).payload(3900).bytes();
  EXPECT_EQ(receive_mbuf(kP0, to_chain(merged, 2000)), Lines{"drop super_frame"}) << "receive offload at work";
}

TEST_F(HostileFrames, AFrameInPiecesIsForwardedWhole) {
  for (const std::size_t piece : {1, 7, 14, 33, 54, 300, 700}) {
    const Flow flow{kWeb, static_cast<std::uint16_t>(piece)};
    const unsigned server = server_of(client_sends(from_client(flow)));
    EXPECT_EQ(receive_mbuf(kP0, in_pieces(from_client(flow, kTcpAck).payload(200).bytes(), piece)),
              leaves(kP1, at_server(flow, server, kTcpAck).payload(200)))
        << "pieces of " << piece;
  }
}

TEST_F(HostileFrames, DamageInPiecesIsFoundAsInOne) {
  for (const std::size_t piece : {1, 14, 33, 40}) {
    const Frame bad_sum = from_client({kWeb, 1}).edit_ipv4([](Ipv4Header& ip) { ip.checksum = Be16{1}; }, false);
    EXPECT_EQ(receive_mbuf(kP0, in_pieces(bad_sum.bytes(), piece)), Lines{"drop bad_ip_checksum"});
    Bytes cut = from_client({kWeb6, 1}).bytes();
    cut.resize(70);
    EXPECT_EQ(receive_mbuf(kP0, in_pieces(cut, piece)), Lines{"drop truncated"});
  }
}

TEST_F(HostileFrames, ATagThatTheDeviceTookAwayIsStillJudged) {
  rte_mbuf* stripped = to_mbuf(from_client({kWeb, 1}).bytes());
  stripped->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
  stripped->vlan_tci = 99;
  EXPECT_EQ(receive_mbuf(kP0, stripped), Lines{"drop unknown_vlan"});
}

TEST_F(HostileFrames, AllOnesAndAllZeroes) {
  for (const std::size_t bytes : {14, 15, 60, 1514}) {
    const Bytes ones(bytes, 0xff), zeroes(bytes, 0);
    expect_drop(zeroes, "not_for_us");
    expect(ones, {"punt rest p0: " + to_line(ones)});  // a broadcast of a type that is the kernel's to know
  }
}

TEST_F(HostileFrames, AllOnesBehindAnHonestLink) {
  const auto ones = [](std::uint16_t type) { return frame().eth(kNode0, kClient).type(type).payload(Bytes(100, 0xff)); };
  expect_drop(ones(0x0800), "bad_ip_header");
  expect_drop(ones(0x86dd), "bad_ip_header");
  expect_drop(ones(0x0806), "bad_arp");
  expect_drop(ones(0x8100), "unknown_vlan");
  expect_punt(ones(0x88a8), "rest");
}

TEST_F(HostileFrames, TagsUponTags) {
  expect_punt(from_client({kWeb, 1}).vlan(0).vlan(0), "rest");
  expect_punt(from_client({kWeb, 1}).vlan(5, 0, kEtherQinq).vlan(0), "rest");
  expect_drop(from_client({kWeb, 1}).vlan(4095), "unknown_vlan");
  Frame many = from_client({kWeb, 1});
  for (unsigned i = 0; i < 300; ++i) many.vlan(0);
  expect_punt(many, "rest");
}

TEST_F(HostileFrames, GoodPacketsBetweenBadOnesLeaveAsEver) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  std::vector<Bytes> burst;
  for (std::uint16_t i = 0; i < 20; ++i) {
    burst.push_back(to_vip().protocol(47).payload(i).bytes());
    burst.push_back(from_client(flow, kTcpAck).bytes());
    burst.push_back(Bytes(i, 0xff));
  }
  Lines expected(20, leaves(kP1, at_server(flow, server, kTcpAck))[0]);
  for (unsigned i = 14; i < 20; ++i) expected.push_back("punt rest p0: " + to_line(Bytes(i, 0xff)));
  expected.insert(expected.end(), 14, "drop truncated");
  expected.insert(expected.end(), 20, "drop unsupported_protocol");
  EXPECT_EQ(receive(kP0, burst), expected);
}

// Chance, but the same at every run. What becomes of each frame is not foreseen here: the balance is, and that nothing breaks.
class HostileChance : public Hostile {
 protected:
  static constexpr std::size_t kFrames = 20'000, kBurst = 32;

  std::size_t below(std::size_t limit) { return random() % limit; }
  Bytes rubbish(std::size_t bytes) {
    Bytes made(bytes);
    for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>(random());
    return made;
  }
  template <typename Make>
  void receive_many(Make&& make) {
    for (std::size_t done = 0; done < kFrames; done += kBurst) {
      std::vector<Bytes> burst;
      for (std::size_t i = 0; i < kBurst; ++i) burst.push_back(make());
      const std::size_t waited = fragments_held();
      EXPECT_EQ(receive(static_cast<PortId>(below(2)), burst).size() + fragments_held(), kBurst + waited) << "a verdict each, or it waits";
    }
  }

  std::mt19937_64 random{20'000};
};

TEST_F(HostileChance, RubbishThroughout) {
  receive_many([&] { return rubbish(below(1600)); });
  EXPECT_EQ(entries(), 0U);
}

TEST_F(HostileChance, RubbishBehindAnHonestLink) {
  constexpr std::array<std::uint16_t, 5> kTypes{0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8};
  receive_many(
      [&] { return frame().eth(below(2) == 0 ? kNode0 : kNode1, kClient).type(kTypes[below(5)]).payload(rubbish(below(200))).bytes(); });
}

TEST_F(HostileChance, GoodFramesWithAFewBytesChanged) {
  receive_many([&] {
    const Flow flow{static_cast<Service>(below(8)), static_cast<std::uint16_t>(below(200))};
    const auto flags = static_cast<std::uint8_t>(random());
    Bytes bytes = (below(2) == 0 ? from_client(flow, flags) : from_server(flow, 11, flags)).payload(below(64)).bytes();
    for (std::size_t changes = below(4); changes != 0; --changes) bytes[below(bytes.size())] = static_cast<std::uint8_t>(random());
    if (below(8) == 0) bytes.resize(below(bytes.size()));
    return bytes;
  });
  EXPECT_GT(counted(&WorkerCounters::inserts_local), 0U) << "some of it was good";
}

}  // namespace
}  // namespace tandem::test
