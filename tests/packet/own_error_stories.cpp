// SPDX-License-Identifier: Apache-2.0
// ICMP errors of our own: whom we tell that a packet was too long or came to the end of its hops, and when we keep silent.
#include "tests/packet/icmp_site.h"
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class OwnErrorStories : public Scenario {
 protected:
  // An IPv4 error has precedence 6, internetwork control (RFC 1812 4.3.2.5).
  static Frame with_precedence(Frame frame, bool ipv6) {
    return ipv6 ? frame : frame.edit_ipv4([](Ipv4Header& ip) { ip.tos = 0xc0; });
  }
  // An error that the VIP sends back to the client.
  static Frame by_vip(const Flow& flow) {
    return with_precedence(frame().eth(kClient, kNode0).ip(vip_of(flow.service), client_of(flow)), is_ipv6(flow.service));
  }
  // One that the node sends back to a server.
  static Frame by_node(const Flow& flow, unsigned server) {
    const bool ipv6 = is_ipv6(flow.service);
    return with_precedence(frame().eth(server_mac(server), kNode1).ip(ipv6 ? "fd01::1" : "10.0.1.1", address_of(flow.service, server)),
                           ipv6);
  }
  static Lines told(PortId port, const Frame& error, const std::string& reason) { return leaves(port, error) + ("drop " + reason); }

  void narrow(PortId port) {
    world.ports[index(port)].mtu_bytes = 1400;
    publish();
  }
  // A packet of this many bytes of IP.
  static Frame of_bytes(Frame frame, std::size_t bytes) { return frame.payload(bytes - (frame.bytes().size() - sizeof(EthHeader))); }
  static Frame without_df(Frame frame) {
    return frame.edit_ipv4([](Ipv4Header& ip) { ip.fragment = Be16{}; });
  }
  static constexpr std::size_t quotable(bool ipv6) { return ipv6 ? 1280 - 48 : 576 - 28; }
};

TEST_F(OwnErrorStories, TracerouteMeetsTheVipAndThenTheServer) {
  for (std::size_t number = kWeb; number <= kDirectDns6; ++number) {
    const Flow flow{static_cast<Service>(number), 40000};
    const Complaint expired = time_exceeded(is_ipv6(flow.service));
    EXPECT_EQ(client_sends(from_client(flow).ttl(1)), told(kP0, about(by_vip(flow), expired, from_client(flow).ttl(1)), "ttl_expired"));
    EXPECT_NE(server_of(client_sends(from_client(flow).ttl(2))), 0U) << "the server answers";
  }
  EXPECT_EQ(counted(IcmpErrorFate::time_exceeded), 8U);
  EXPECT_EQ(counted(&WorkerCounters::originated), 8U);
  EXPECT_EQ(counted(&WorkerCounters::consumed), 0U) << "what expired was dropped, not answered";
}

TEST_F(OwnErrorStories, AServersAnswerAtTheEndOfItsHopsIsToldToTheServer) {
  for (const Service service : kNatServices) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    for (const Flow& each : {flow, Flow{service, 50000}}) {  // of a connection, and of none
      const Frame answer = from_server(each, server, kTcpAck).ttl(1);
      EXPECT_EQ(server_sends(answer), told(kP1, about(by_node(each, server), time_exceeded(is_ipv6(service)), answer), "ttl_expired"));
    }
  }
}

TEST_F(OwnErrorStories, AClientLearnsWhatFitsTheServersLink) {
  narrow(kP1);
  for (std::size_t number = kWeb; number <= kDirectDns6; ++number) {
    const Flow flow{static_cast<Service>(number), 40000};
    const bool ipv6 = is_ipv6(flow.service);
    opens(flow);
    EXPECT_NE(server_of(client_sends(of_bytes(from_client(flow, kTcpAck), 1400))), 0U) << "it fits";
    const Frame longer = of_bytes(from_client(flow, kTcpAck), 1401);
    EXPECT_EQ(client_sends(longer), told(kP0, about(by_vip(flow), too_big(ipv6, 1400), longer, quotable(ipv6)), "mtu_exceeded"));
  }
  EXPECT_EQ(counted(IcmpErrorFate::too_big), 8U);
  EXPECT_EQ(counted(DropReason::mtu_exceeded), 8U);
}

TEST_F(OwnErrorStories, AServerLearnsWhatFitsTheClientsLink) {
  narrow(kP0);
  for (const Service service : kNatServices) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    const Frame longer = of_bytes(from_server(flow, server, kTcpAck), 1500);
    EXPECT_EQ(server_sends(longer),
              told(kP1, about(by_node(flow, server), too_big(is_ipv6(service), 1400), longer, quotable(is_ipv6(service))), "mtu_exceeded"));
  }
}

TEST_F(OwnErrorStories, WhoLetsItsPacketsBeFragmentedIsNotTold) {
  narrow(kP1);
  const Flow flow{kDns, 40000};
  opens(flow);
  EXPECT_EQ(client_sends(without_df(of_bytes(from_client(flow), 1401))), Lines{"drop mtu_exceeded"});
  EXPECT_EQ(counted(IcmpErrorFate::unanswerable), 0U);
}

TEST_F(OwnErrorStories, PaddingIsNobodysMistake) {
  narrow(kP1);
  opens({kWeb, 40000});
  EXPECT_EQ(client_sends(from_client({kWeb, 40000}, kTcpAck).pad_to(1450)), Lines{"drop mtu_exceeded"});
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U);
}

TEST_F(OwnErrorStories, AStreamOfPacketsIsToldAtARate) {
  const Frame expired = from_client({kWeb, 40000}).ttl(1);
  for (unsigned i = 0; i < 150; ++i) client_sends(expired);
  EXPECT_EQ(counted(IcmpErrorFate::time_exceeded), 100U) << "a tenth of a second's worth";
  EXPECT_EQ(counted(IcmpErrorFate::limited), 50U);
  EXPECT_EQ(counted(DropReason::ttl_expired), 150U);
  pass_time(1);
  EXPECT_EQ(client_sends(expired).size(), 2U) << "a second later there is room again";
}

TEST_F(OwnErrorStories, NobodysAndEverybodysAddressesAreNotTold) {
  for (const char* source : {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.0.255", "10.0.0.100", "10.0.0.1"})
    EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip(source, "10.0.0.100").ttl(1).tcp(1, 80, kTcpSyn)), Lines{"drop ttl_expired"})
        << source;
  for (const char* source : {"::", "::1", "ff02::1", "fd00::100", "fd00::1"})
    EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip(source, "fd00::100").ttl(1).tcp(1, 80, kTcpSyn)), Lines{"drop ttl_expired"})
        << source;
  EXPECT_EQ(client_sends(from_client({kWeb, 1}).eth(kNode0, "ff:ff:ff:ff:ff:ff").ttl(1)), Lines{"drop ttl_expired"});
  EXPECT_EQ(counted(IcmpErrorFate::unanswerable), 13U);
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U);
}

TEST_F(OwnErrorStories, WithoutAnAddressOfOurOwnNoServerIsTold) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  std::erase_if(world.ports[1].addresses, [](const Prefix& own) { return own.address.family == Family::ipv4; });
  publish();
  EXPECT_EQ(server_sends(from_server(flow, server).ttl(1)), Lines{"drop ttl_expired"});
  EXPECT_EQ(counted(IcmpErrorFate::unanswerable), 1U);
}

TEST_F(OwnErrorStories, TheErrorKeepsItsTag) {
  world.ports[0].vlans = {7};
  publish();
  const Flow flow{kWeb, 40000};
  const Frame expired = from_client(flow).ttl(1);
  const Frame tagged = frame().eth(kClient, kNode0).vlan(7, 5).ip(vip_of(kWeb), client_of(flow));
  EXPECT_EQ(client_sends(Frame{expired}.vlan(7, 5)),
            told(kP0, about(with_precedence(tagged, false), time_exceeded(false), expired), "ttl_expired"));
}

TEST_F(OwnErrorStories, OfAPacketInSegmentsTheFirstIsQuoted) {
  narrow(kP1);
  const Flow flow{kWeb, 40000};
  opens(flow);
  const Frame longer = of_bytes(from_client(flow, kTcpAck), 1500);
  for (const std::size_t first : {300, 600, 1000}) {
    const std::size_t quoted = std::min(quotable(false), first - sizeof(EthHeader));
    EXPECT_EQ(receive_mbuf(kP0, to_chain(longer.bytes(), first)),
              told(kP0, about(by_vip(flow), too_big(false, 1400), longer, quoted), "mtu_exceeded"));
  }
}

}  // namespace
}  // namespace tandem::test
