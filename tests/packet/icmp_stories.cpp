// SPDX-License-Identifier: Apache-2.0
// ICMP errors about connections: whoever complains of a packet, its sender hears of it as if nobody stood between.
#include "tests/packet/icmp_site.h"
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class IcmpStories : public Scenario {
 protected:
  explicit IcmpStories(std::size_t workers = 1) : Scenario{workers} {}

  // What a server's neighbour, or the server itself, says to a client about its packet, and what the client must get.
  static Frame from_inside(const Flow& flow, const std::string& speaker, std::string_view by) {
    return frame().eth(kNode1, by).ip(speaker, client_of(flow));
  }
  static Frame to_client(const Flow& flow) { return frame().eth(kClient, kNode0).ip(vip_of(flow.service), client_of(flow)).ttl(63); }

  void expect_the_client_to_hear(const Flow& flow, unsigned server, const std::string& speaker) {
    for (const Complaint& complaint : complaints(is_ipv6(flow.service))) {
      const Frame came = about(from_inside(flow, speaker, server_mac(server)), complaint, at_server(flow, server, kTcpAck).payload(40));
      const Frame left = about(to_client(flow), complaint, from_client(flow, kTcpAck).ttl(63).payload(40));
      EXPECT_EQ(server_sends(came), leaves(kP0, left)) << name_of(flow.service);
    }
  }
};

TEST_F(IcmpStories, ARouterTellsTheServerWhatBecameOfItsAnswer) {
  for (std::size_t number = kWeb; number <= kDirectDns6; ++number) {
    const Flow flow{static_cast<Service>(number), 40000};
    const unsigned server = opens(flow);
    for (const Complaint& complaint : complaints(is_ipv6(flow.service))) {
      const Frame came = about(from_router(flow), complaint, answer_on_its_way(flow).payload(100));
      const Frame left = about(at_server_from_router(flow, server), complaint, answer_as_sent(flow, server).payload(100));
      EXPECT_EQ(client_sends(came), leaves(kP1, left)) << name_of(flow.service);
    }
  }
  EXPECT_EQ(counted(IcmpErrorFate::to_backend), 8U * 7);
}

TEST_F(IcmpStories, OfAQuoteThatIsCutWhatIsThereIsPutBack) {
  for (const Service service : {kWeb, kDns, kWeb6, kDns6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    const std::size_t header = is_ipv6(service) ? 40 : 20;
    for (std::size_t l4_bytes = 8; l4_bytes <= 40; ++l4_bytes) {
      const Frame came = about(from_router(flow), {3, 0}, answer_on_its_way(flow).payload(100), header + l4_bytes);
      const Frame left = about(at_server_from_router(flow, server), {3, 0}, answer_as_sent(flow, server).payload(100), header + l4_bytes);
      EXPECT_EQ(client_sends(came), leaves(kP1, left)) << l4_bytes << " bytes of " << name_of(service);
    }
  }
}

TEST_F(IcmpStories, TheClientItselfComplainsOfADatagram) {
  for (const Service service : {kDns, kDns6, kDirectDns, kDirectDns6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    const Complaint refused = is_ipv6(service) ? Complaint{1, 4} : Complaint{3, 3};
    const std::string target = is_direct(service) ? vip_of(service) : address_of(service, server);
    const Frame came = about(frame().eth(kNode0, kClient).ip(client_of(flow), vip_of(service)), refused, answer_on_its_way(flow));
    const Frame left =
        about(frame().eth(server_mac(server), kNode1).ip(client_of(flow), target).ttl(63), refused, answer_as_sent(flow, server));
    EXPECT_EQ(client_sends(came), leaves(kP1, left)) << name_of(service);
  }
}

TEST_F(IcmpStories, TheServerTellsTheClientWhatBecameOfItsPacket) {
  for (const Service service : kNatServices) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    expect_the_client_to_hear(flow, server, address_of(service, server));
  }
  EXPECT_EQ(counted(IcmpErrorFate::to_client), 4U * 7);
}

TEST_F(IcmpStories, ARouterBeforeTheServersSpeaksWithTheVipsVoice) {
  for (const Service service : kNatServices) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    expect_the_client_to_hear(flow, server, inner_router_of(service));
  }
}

TEST_F(IcmpStories, DatagramsWithoutAChecksumHaveNoneInTheQuote) {
  const Flow flow{kDns, 40000};
  const unsigned server = opens(flow);
  const Frame seen = frame().eth(kClient, kNode0).ip("10.0.0.100", "10.0.0.5").ttl(60).udp_without_checksum(53, 40000).payload(20);
  const Frame sent = frame()
                         .eth(kNode1, server_mac(server))
                         .ip(address_of(kDns, server), "10.0.0.5")
                         .ttl(60)
                         .udp_without_checksum(5353, 40000)
                         .payload(20);
  EXPECT_EQ(client_sends(about(from_router(flow), {3, 3}, seen)), leaves(kP1, about(at_server_from_router(flow, server), {3, 3}, sent)));
}

TEST_F(IcmpStories, AFirstFragmentNamesItsPortsALaterOneNone) {
  for (const Service service : {kDirectDns, kDirectDns6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    const Frame first = answer_on_its_way(flow).fragment(0, true).payload(64);
    EXPECT_EQ(client_sends(about(from_router(flow), {3, 0}, first)),
              leaves(kP1, about(at_server_from_router(flow, server), {3, 0}, first)));
    const Frame later = answer_on_its_way(flow).fragment(64, false).payload(64);
    EXPECT_EQ(client_sends(about(from_router(flow), {3, 0}, later)), Lines{"drop icmp_quotes_fragment"});
  }
}

TEST_F(IcmpStories, QuotedOptionsAndExtensionsArePassed) {
  const Flow flow{kWeb, 40000}, flow6{kWeb6, 40000};
  const unsigned server = opens(flow), server6 = opens(flow6);
  const Bytes options{1, 1, 1, 1, 148, 4, 0, 0};
  EXPECT_EQ(client_sends(about(from_router(flow), {11, 0}, answer_on_its_way(flow).options(options))),
            leaves(kP1, about(at_server_from_router(flow, server), {11, 0}, answer_as_sent(flow, server).options(options))));
  EXPECT_EQ(client_sends(about(from_router(flow6), {3, 0}, answer_on_its_way(flow6).extension(0).extension(60))),
            leaves(kP1, about(at_server_from_router(flow6, server6), {3, 0}, answer_as_sent(flow6, server6).extension(0).extension(60))));
}

TEST_F(IcmpStories, AnErrorBehindOptionsAndExtensionsIsOneToo) {
  const Flow flow{kWeb, 40000}, flow6{kWeb6, 40000};
  const unsigned server = opens(flow), server6 = opens(flow6);
  EXPECT_EQ(client_sends(about(from_router(flow).options({1, 1, 1, 1}), {11, 0}, answer_on_its_way(flow))),
            leaves(kP1, about(at_server_from_router(flow, server).options({1, 1, 1, 1}), {11, 0}, answer_as_sent(flow, server))));
  EXPECT_EQ(client_sends(about(from_router(flow6).extension(60), {3, 0}, answer_on_its_way(flow6))),
            leaves(kP1, about(at_server_from_router(flow6, server6).extension(60), {3, 0}, answer_as_sent(flow6, server6))));
}

// RFC 4884: what follows the quoted packet is no part of it, so a short one's checksum is not looked for there.
TEST_F(IcmpStories, WhatFollowsTheQuoteStaysAsItIs) {
  const Flow flow{kDns, 40000};
  const unsigned server = opens(flow);
  Frame came = about(from_router(flow), {11, 0}, answer_on_its_way(flow)),
        left = about(at_server_from_router(flow, server), {11, 0}, answer_as_sent(flow, server));
  EXPECT_EQ(client_sends(came.payload(Bytes(100, 0xee))), leaves(kP1, left.payload(Bytes(100, 0xee))));
}

TEST_F(IcmpStories, WhatNobodyHereHasSaidIsCounted) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(client_sends(about(from_router(flow), {3, 1}, answer_on_its_way({kWeb, 40001}))), Lines{"drop icmp_error_unknown_flow"});
  EXPECT_EQ(client_sends(about(from_router(flow), {3, 1}, answer_on_its_way({kDns, 40000}))), Lines{"drop icmp_error_unknown_flow"});
  const Frame pong = frame().eth(kClient, kNode0).ip("10.0.0.100", "10.0.0.5").icmp(kIcmpEchoReply);
  EXPECT_EQ(client_sends(about(from_router(flow), {3, 1}, pong)), Lines{"drop icmp_error_unknown_flow"}) << "it was we who answered";
  const Frame strange = about(from_inside(flow, address_of(kWeb, server), server_mac(server)), {3, 1}, at_server({kWeb, 40001}, server));
  EXPECT_EQ(server_sends(strange), Lines{"drop icmp_error_unknown_flow"});
  EXPECT_EQ(counted(DropReason::icmp_error_unknown_flow), 4U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(IcmpStories, WhatIsOfNoServiceIsTheNodes) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  const auto punted = [&](const Frame& frame) { return server_sends(frame).at(0).substr(0, 15) == "punt known p1: "; };
  const Frame check = frame().eth(server_mac(server), kNode1).ip("10.0.1.1", address_of(kWeb, server)).tcp(50000, 8080, kTcpSyn);
  EXPECT_TRUE(punted(about(frame().eth(kNode1, server_mac(server)).ip(address_of(kWeb, server), "10.0.1.1"), {3, 3}, check)))
      << "a health check of a backend's own port";
  const Frame other = frame().eth(server_mac(server), kNode1).ip("10.0.0.5", address_of(kWeb, server)).tcp(40000, 22, kTcpSyn);
  EXPECT_TRUE(punted(about(from_inside(flow, address_of(kWeb, server), server_mac(server)), {3, 3}, other)));
  EXPECT_TRUE(punted(about(from_inside(flow, address_of(kWeb, server), server_mac(server)), {3, 3}, other, 12))) << "it cannot be read";
}

TEST_F(IcmpStories, AnErrorKeepsNoConnectionAliveAndEndsNone) {
  const Flow flow{kDns, 40000};
  opens(flow);
  for (unsigned second = 0; second < 320; second += 20) {
    client_sends(about(from_router(flow), {3, 3}, answer_on_its_way(flow)));
    EXPECT_EQ(entries(), second < 300 ? 1U : 0U) << second;
    pass_time(20);
  }
  EXPECT_EQ(entries(), 0U) << "five minutes after its last datagram";
}

TEST_F(IcmpStories, AnErrorAtTheEndOfItsHopsIsToldToNobody) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(client_sends(about(from_router(flow, 1), {3, 1}, answer_on_its_way(flow))), Lines{"drop ttl_expired"});
  const Frame inside = about(from_inside(flow, address_of(kWeb, server), server_mac(server)).ttl(1), {3, 1}, at_server(flow, server));
  EXPECT_EQ(server_sends(inside), Lines{"drop ttl_expired"});
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U);
}

TEST_F(IcmpStories, AnErrorWaitsForItsNextHopAsPacketsDo) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  const Frame left = about(at_server_from_router(flow, server), {3, 1}, answer_as_sent(flow, server));
  forget_neighbour(address_of(kWeb, server));
  publish();
  EXPECT_EQ(client_sends(about(from_router(flow), {3, 1}, answer_on_its_way(flow))), Lines{"hold for " + address_of(kWeb, server)});
  learn_neighbour(address_of(kWeb, server), server_mac(server), kP1);
  EXPECT_EQ(publish(), leaves(kP1, left));
}

TEST_F(IcmpStories, ABackendThatIsGoneHearsNothing) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  ++world.services[kWeb].backends[server - kServers[0]].incarnation;  // its slot is another's now
  publish();
  EXPECT_EQ(client_sends(about(from_router(flow), {3, 1}, answer_on_its_way(flow))), Lines{"drop icmp_error_unknown_flow"});
}

class IcmpOwnerStories : public IcmpStories {
 protected:
  IcmpOwnerStories() : IcmpStories{2} {}

  // Received by worker 0, carried by whoever owns the connection.
  Lines sends(PortId port, const Frame& frame) {
    const Lines lines = receive(port, {frame.bytes()});
    return lines == Lines{"hand over to 1"} ? deliver() : lines;
  }
};

TEST_F(IcmpOwnerStories, TheOwnerCarriesWhateverWorkerHearsIt) {
  for (const Service service : {kWeb, kWeb6}) {
    for (std::uint16_t port = 1; port <= 30; ++port) {
      const Flow flow{service, port};
      const unsigned server = server_of(sends(kP0, from_client(flow)));
      EXPECT_EQ(sends(kP0, about(from_router(flow), {3, 1}, answer_on_its_way(flow))),
                leaves(kP1, about(at_server_from_router(flow, server), {3, 1}, answer_as_sent(flow, server))));
      EXPECT_EQ(sends(kP1, about(from_inside(flow, inner_router_of(service), server_mac(server)), {3, 1}, at_server(flow, server))),
                leaves(kP0, about(to_client(flow), {3, 1}, from_client(flow).ttl(63))));
    }
  }
  EXPECT_EQ(counted(IcmpErrorFate::to_backend), 60U);
  EXPECT_GT(worker(1).counters().icmp_errors[static_cast<std::size_t>(IcmpErrorFate::to_client)].get(), 10U);
}

}  // namespace
}  // namespace tandem::test
