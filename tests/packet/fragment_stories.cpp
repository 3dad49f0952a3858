// SPDX-License-Identifier: Apache-2.0
// Datagrams longer than the way is wide: all of one reach the same end, in whatever order their fragments come.
#include "tests/packet/fragment_site.h"
#include "tests/packet/pair_site.h"
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

constexpr std::size_t kPiece = 64, kLong = 500;  // 8 fragments of a UDP datagram

using Order = std::vector<Bytes> (*)(std::vector<Bytes>);
constexpr std::array<Order, 4> kOrders{[](std::vector<Bytes> all) { return all; }, last_first,
                                       [](std::vector<Bytes> all) { return shuffled(std::move(all), 1); },
                                       [](std::vector<Bytes> all) { return shuffled(std::move(all), 2); }};

// One at a time.
template <typename Story>
Lines send_each(Story& story, PortId port, const std::vector<Bytes>& frames, std::size_t worker = 0) {
  Lines lines;
  for (const Bytes& frame : frames) {
    const Lines more = story.receive(port, {frame}, worker);
    lines.insert(lines.end(), more.begin(), more.end());
  }
  return lines;
}

class FragmentStories : public Scenario {
 public:
  using Scenario::receive;

 protected:
  explicit FragmentStories(std::size_t workers = 1) : Scenario{workers} {}
  // Every packet of its own flow, whose server the first of `lines` tells.
  void expect_at_one_server(const Flow& flow, const Lines& lines, std::uint32_t id) {
    ASSERT_FALSE(lines.empty());
    const unsigned server = server_of({lines.front()});
    EXPECT_EQ(sorted(lines), sorted(leave(kP1, fragments_of(at_server(flow, server).payload(kLong), kPiece, id)))) << name_of(flow.service);
  }
};

TEST_F(FragmentStories, AllOfADatagramReachOneServerInAnyOrder) {
  std::uint16_t port = 1000;
  for (const Service service : {kDns, kDns6, kDirectDns, kDirectDns6, kWeb, kWeb6, kDirectWeb, kDirectWeb6}) {
    for (const Order order : kOrders) {
      const Flow flow{service, ++port};
      expect_at_one_server(flow, send_each(*this, kP0, order(fragments_of(from_client(flow).payload(kLong), kPiece, port))), port);
    }
  }
  EXPECT_EQ(entries(), 32U) << "a datagram opens its flow like a packet";
}

TEST_F(FragmentStories, AnAnswersFragmentsReachTheClientInAnyOrder) {
  std::uint16_t port = 1000;
  for (const Service service : kNatServices) {
    for (const Order order : kOrders) {
      const Flow flow{service, ++port};
      const unsigned server = opens(flow);
      const Lines lines = send_each(*this, kP1, order(fragments_of(from_server(flow, server).payload(kLong), kPiece, port)));
      EXPECT_EQ(sorted(lines), sorted(leave(kP0, fragments_of(at_client(flow).payload(kLong), kPiece, port)))) << name_of(service);
    }
  }
}

TEST_F(FragmentStories, InOrderNothingWaits) {
  const Flow flow{kDns, 1000};
  const unsigned server = opens(flow);
  const auto came = fragments_of(from_client(flow).payload(kLong), kPiece),
             leaves = fragments_of(at_server(flow, server).payload(kLong), kPiece);
  for (std::size_t i = 0; i < came.size(); ++i) EXPECT_EQ(receive(kP0, {came[i]}), leave(kP1, {leaves[i]}));
}

TEST_F(FragmentStories, LaterOnesWaitForTheFirstAndLeaveBehindIt) {
  const Flow flow{kDns, 1000};
  const unsigned server = opens(flow);
  auto came = fragments_of(from_client(flow).payload(kLong), kPiece);
  for (std::size_t i = came.size() - 1; i != 0; --i) EXPECT_EQ(receive(kP0, {came[i]}), Lines{});
  const auto expected = leave(kP1, fragments_of(at_server(flow, server).payload(kLong), kPiece));
  const Lines lines = receive(kP0, {came[0]});
  ASSERT_EQ(lines.size(), expected.size());
  EXPECT_EQ(lines.front(), expected.front());
  EXPECT_EQ(sorted(lines), sorted(expected));
}

TEST_F(FragmentStories, InOneBurst) {
  for (const Service service : {kDns, kDns6, kDirectDns}) {
    const Flow flow{service, 2000};
    expect_at_one_server(flow, receive(kP0, last_first(fragments_of(from_client(flow).payload(kLong), kPiece, 7))), 7);
  }
}

TEST_F(FragmentStories, ThoseOfTwoDatagramsDoNotMix) {
  const Flow one{kDns, 1000}, other{kDns, 1001};
  const auto a = fragments_of(from_client(one).payload(kLong), kPiece, 1), b = fragments_of(from_client(other).payload(kLong), kPiece, 2);
  std::vector<Bytes> both;
  for (std::size_t i = a.size(); i-- != 0;) both.push_back(a[i]), both.push_back(b[i]);
  const Lines lines = send_each(*this, kP0, both);
  EXPECT_EQ(lines.size(), a.size() + b.size());
  const unsigned server = opens(one), other_server = opens(other);
  Lines expected = leave(kP1, fragments_of(at_server(one, server).payload(kLong), kPiece, 1));
  for (const std::string& line : leave(kP1, fragments_of(at_server(other, other_server).payload(kLong), kPiece, 2)))
    expected.push_back(line);
  EXPECT_EQ(sorted(lines), sorted(expected));
}

TEST_F(FragmentStories, AnIdentificationMayComeAgainOnceItsDatagramIsThrough) {
  const Flow flow{kDns, 1000};
  for (int again = 0; again < 3; ++again)
    expect_at_one_server(flow, send_each(*this, kP0, last_first(fragments_of(from_client(flow).payload(kLong), kPiece, 9))), 9);
}

TEST_F(FragmentStories, ADatagramOf64KilobytesInOrder) {
  const Flow flow{kDns, 1000};
  const unsigned server = opens(flow);
  EXPECT_EQ(send_each(*this, kP0, fragments_of(from_client(flow).payload(65'000), 1480)),
            leave(kP1, fragments_of(at_server(flow, server).payload(65'000), 1480)));
}

// RFC 6946.
TEST_F(FragmentStories, AnAtomicFragmentIsAWholePacket) {
  const Flow flow{kDns6, 1000};
  const unsigned server = server_of(client_sends(from_client(flow).fragment(0, false)));
  EXPECT_EQ(client_sends(from_client(flow).fragment(0, false)), leaves(kP1, at_server(flow, server).fragment(0, false)));
  EXPECT_EQ(client_sends(from_client(flow).fragment(0, false).extension(60)),
            leaves(kP1, at_server(flow, server).fragment(0, false).extension(60)));
}

TEST_F(FragmentStories, OptionsForTheDestinationMayStandBeforeThePorts) {
  const Flow flow{kDns6, 1000};
  const unsigned server = opens(flow);
  const Frame first = from_client(flow).fragment(0, true).extension(60).payload(16),
              out = at_server(flow, server).fragment(0, true).extension(60);
  EXPECT_EQ(client_sends(first), leaves(kP1, Frame{out}.payload(16)));
}

TEST_F(FragmentStories, LaterOnesWaitForTheServersMacToo) {
  for (const unsigned server : kServers) forget_neighbour(address_of(kDns, server));
  publish();
  const Flow flow{kDns, 1000};
  const Lines held = receive(kP0, last_first(fragments_of(from_client(flow).payload(kLong), kPiece)));
  EXPECT_EQ(held.size(), 8U);
  for (const std::string& line : held) EXPECT_EQ(line.substr(0, 16), "hold for 10.0.1.");
  for (const unsigned server : kServers) learn_neighbour(address_of(kDns, server), server_mac(server), kP1);
  expect_at_one_server(flow, publish(), 1);
}

TEST_F(FragmentStories, WhatABackendSendsToOthersIsTheNodes) {
  const Frame whole = frame().eth(kNode1, server_mac(11)).ip(address_of(kDns, 11), "192.0.2.7").udp(9999, 9999).payload(200);
  const auto came = fragments_of(whole, 104);
  EXPECT_EQ(receive(kP1, {came[1]}), Lines{}) << "until its port is known";
  const Lines lines = receive(kP1, {came[0]});
  ASSERT_EQ(lines.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(lines[i], "punt known " + leave(kP1, {came[i]})[0]);
}

TEST_F(FragmentStories, OfAnotherProtocolToo) {
  const Frame ping = frame().eth(kNode1, server_mac(11)).ip(address_of(kDns, 11), "192.0.2.7").icmp(kIcmpEchoRequest).payload(200);
  for (const Bytes& each : fragments_of(ping, 104)) EXPECT_EQ(receive(kP1, {each}), Lines{"punt known " + leave(kP1, {each})[0]});
}

TEST_F(FragmentStories, ToTheNodeItselfTheyAreItsKernels) {
  const Frame answer = frame().eth(kNode1, server_mac(11)).ip(address_of(kDns, 11), "10.0.1.1").udp(5353, 50000).payload(200);
  for (const Bytes& each : last_first(fragments_of(answer, 104))) EXPECT_EQ(receive(kP1, {each}).size(), 1U);
}

TEST_F(FragmentStories, TheyKeepTheirFlowAlive) {
  const Flow flow{kDns, 1000};
  opens(flow);
  for (std::uint32_t id = 1; id <= 10; ++id) {
    pass_time(100);
    EXPECT_EQ(send_each(*this, kP0, fragments_of(from_client(flow).payload(kLong), kPiece, id)).size(), 8U);
  }
  EXPECT_EQ(entries(), 1U);
}

TEST_F(FragmentStories, EveryByteIsCounted) {
  const Flow flow{kDns, 1000};
  const unsigned server = opens(flow);
  const std::uint64_t packets = counted(kDns, server, &BackendCounters::received_packets),
                      bytes = counted(kDns, server, &BackendCounters::received_bytes);
  send_each(*this, kP0, fragments_of(from_client(flow).payload(kLong), kPiece));
  EXPECT_EQ(counted(kDns, server, &BackendCounters::received_packets) - packets, 8U);
  EXPECT_EQ(counted(kDns, server, &BackendCounters::received_bytes) - bytes, 8 * 20 + 8 + kLong);
}

// Two more methods, at a VIP of their own.
class FragmentMethods : public FragmentStories {
 protected:
  static Frame question(bool ipv6, std::uint16_t port) {
    return frame().eth(kNode0, kClient).ip(ipv6 ? "fd00::5" : "10.0.0.5", ipv6 ? "fd00::110" : "10.0.0.110").udp(port, 53).payload(kLong);
  }
  static std::string listen(bool ipv6) { return ipv6 ? "[fd00::110]:53" : "10.0.0.110:53"; }
  static std::vector<std::string> servers(bool ipv6) { return {ipv6 ? "[fd01::11]:53" : "10.0.1.11:53"}; }
  static std::string part_of(const Bytes& fragment) {  // what is said behind its addresses and hops
    const std::string line = leave(kP0, {fragment})[0];
    return line.substr(line.find("fragment "));
  }
};

TEST_F(FragmentMethods, ThroughATunnelTheyGoAsTheyAre) {
  for (const TunnelKind kind : {TunnelKind::ipip, TunnelKind::gue_direct}) {
    for (const bool ipv6 : {false, true}) {
      world.services.push_back(tunnel_service(listen(ipv6), servers(ipv6), kind, Protocol::udp));
      publish();
      for (const Order order : kOrders) {
        const auto came = order(fragments_of(question(ipv6, 1000), kPiece));
        Lines lines = send_each(*this, kP0, came);
        std::ranges::sort(lines);
        ASSERT_EQ(lines.size(), came.size());
        for (const Bytes& each : came)
          EXPECT_EQ(std::ranges::count_if(lines, [&](const std::string& line) { return line.find(part_of(each)) != std::string::npos; }),
                    1);
      }
      restart();
      world.services.pop_back();
      publish();
    }
  }
}

TEST_F(FragmentMethods, FullNatPutsTheirAddressesRight) {
  for (const char* pool : {"10.0.1.240", "fd01::240"}) world.pools.push_back({address(pool)});
  for (const bool ipv6 : {false, true}) {
    world.services.push_back(full_nat_service(listen(ipv6), servers(ipv6), Protocol::udp));
    publish();
    const std::string vip = ipv6 ? "fd00::110" : "10.0.0.110", client = ipv6 ? "fd00::5" : "10.0.0.5";
    const std::string server = ipv6 ? "fd01::11" : "10.0.1.11", pool = ipv6 ? "fd01::240" : "10.0.1.240";
    const Lines small = client_sends(frame().eth(kNode0, kClient).ip(client, vip).udp(1000, 53));
    const std::vector<std::string> parts = parts_of(small.at(0));
    ASSERT_TRUE(parts.size() > 2 && parts[2].starts_with("udp ")) << small[0];
    const auto port = static_cast<std::uint16_t>(std::stoul(parts[2].substr(4)));
    std::uint32_t id = 0;
    for (const Order order : kOrders) {
      ++id;
      const Frame out = frame().eth(server_mac(11), kNode1).ip(pool, server).ttl(63).udp(port, 53).payload(kLong);
      EXPECT_EQ(sorted(send_each(*this, kP0, order(fragments_of(question(ipv6, 1000), kPiece, id)))),
                sorted(leave(kP1, fragments_of(out, kPiece, id))));
      const Frame answer = frame().eth(kNode1, server_mac(11)).ip(server, pool).udp(53, port).payload(kLong);
      const Frame answered = frame().eth(kClient, kNode0).ip(vip, client).ttl(63).udp(53, 1000).payload(kLong);
      EXPECT_EQ(sorted(send_each(*this, kP1, order(fragments_of(answer, kPiece, id)))),
                sorted(leave(kP0, fragments_of(answered, kPiece, id))));
    }
  }
}

TEST_F(FragmentMethods, FullNatBetweenFamiliesRefusesThem) {
  for (const char* pool : {"10.0.1.240", "fd01::240"}) world.pools.push_back({address(pool)});
  world.services.push_back(full_nat_service(listen(false), servers(true), Protocol::udp));
  publish();
  const auto came = fragments_of(question(false, 1000), kPiece);
  EXPECT_EQ(send_each(*this, kP0, came), Lines(came.size(), "drop fragment_changes_family"));
  EXPECT_EQ(counted(DropReason::fragment_changes_family), came.size());
}

class FragmentWorkers : public FragmentStories {
 protected:
  FragmentWorkers() : FragmentStories{4} {}
  static std::size_t handed(const Lines& lines) {
    return static_cast<std::size_t>(std::ranges::count_if(lines, [](const std::string& line) { return line.starts_with("hand over to"); }));
  }
  static Lines frames_in(Lines lines) {
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("hand over to"); });
    return lines;
  }
};

TEST_F(FragmentWorkers, WhoeverReceivesWhichAllReachOneServer) {
  std::size_t twice = 0;
  for (const Service service : {kDns, kDns6, kDirectDns, kDirectDns6}) {
    for (std::uint16_t port = 1; port <= 12; ++port) {
      const Flow flow{service, port};
      const auto came = kOrders[port % kOrders.size()](fragments_of(from_client(flow).payload(kLong), kPiece, port));
      Lines lines;
      for (std::size_t i = 0; i < came.size(); ++i)
        for (const Lines& more : {receive(kP0, {came[i]}, (i + port) % 4), deliver()}) lines.insert(lines.end(), more.begin(), more.end());
      EXPECT_LE(handed(lines), 2 * came.size()) << "to the datagram's worker, and to the flow's";
      twice += handed(lines) > came.size();
      expect_at_one_server(flow, frames_in(lines), port);
    }
  }
  EXPECT_GT(twice, 10U) << "the two owners are seldom one";
  EXPECT_EQ(entries(), 48U);
}

TEST_F(FragmentWorkers, AnswersReachTheirOwnersToo) {
  for (const Service service : {kDns, kDns6}) {
    for (std::uint16_t port = 1; port <= 12; ++port) {
      const Flow flow{service, port};
      Lines opened = receive(kP0, {from_client(flow).bytes()}, port % 4);
      if (server_of(opened) == 0) opened = deliver();
      const auto came = kOrders[port % kOrders.size()](fragments_of(from_server(flow, server_of(opened)).payload(kLong), kPiece, port));
      Lines lines;
      for (std::size_t i = 0; i < came.size(); ++i)
        for (const Lines& more : {receive(kP1, {came[i]}, (i + port) % 4), deliver()}) lines.insert(lines.end(), more.begin(), more.end());
      EXPECT_EQ(sorted(frames_in(lines)), sorted(leave(kP0, fragments_of(at_client(flow).payload(kLong), kPiece, port))));
    }
  }
}

class FragmentPeer : public PairScenario {
 public:
  using Scenario::receive;
};

TEST_F(FragmentPeer, WhatOnlyTheOtherNodeCanDecideGoesThereWhole) {
  we_have({kSecond});
  const Flow flow{kDns, 1000};
  const auto came = fragments_of(from_client(flow).payload(kLong), kPiece);
  const auto as_sent = fragments_of(by(kPeer0, from_client(flow).payload(kLong), kNode0), kPiece);
  EXPECT_EQ(sorted(send_each(*this, kP0, last_first(came))), sorted(leave(kP0, as_sent)));
  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace tandem::test
