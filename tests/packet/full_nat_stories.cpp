// SPDX-License-Identifier: Apache-2.0
// full-nat: the server sees an address and port of ours, and answers there; client and server may be of different families.
#include <array>
#include <cstdio>
#include <set>

#include "dataplane/conn/port_book.h"
#include "tests/packet/icmp_site.h"
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

// What left for a server, and where it said it comes from.
struct Asked {
  std::string link, source, server, rest;
  std::uint16_t port = 0;
};

Asked take_apart(const Lines& lines) {
  const std::vector<std::string> parts = lines.size() == 1 ? parts_of(lines[0]) : Lines{};
  std::array<char, 48> source{}, server{};
  std::array<char, 4> protocol{};
  unsigned hops = 0, port = 0;
  int read = 0;
  const bool understood = parts.size() >= 3 && parts[0].starts_with("p1: ") &&
                          std::sscanf(parts[1].c_str(), "%47s > %47s ttl %u", source.data(), server.data(), &hops) == 3 &&
                          std::sscanf(parts[2].c_str(), "%3s %u%n", protocol.data(), &port, &read) == 2;
  if (!understood) return {.link = lines.empty() ? "nothing" : lines[0]};
  std::string rest = "ttl " + std::to_string(hops) + " | " + protocol.data() + parts[2].substr(static_cast<std::size_t>(read));
  for (std::size_t i = 3; i < parts.size(); ++i) rest += " | " + parts[i];
  return {parts[0].substr(4), source.data(), server.data(), rest, static_cast<std::uint16_t>(port)};
}

class FullNatStories : public Scenario {
 protected:
  explicit FullNatStories(std::size_t workers = 1, std::size_t connections = 4000) : Scenario{workers, connections} {
    for (const char* pool : {"10.0.1.240", "fd01::240"}) world.pools.push_back({address(pool)});
  }

  // A service of servers 11 to 13 at port 8080, published.
  void serve(const std::string& listen, Family servers, Protocol protocol = Protocol::tcp) {
    std::vector<std::string> backends;
    for (const unsigned number : kServers)
      backends.push_back(servers == Family::ipv4 ? "10.0.1." + std::to_string(number) + ":8080"
                                                 : "[fd01::" + std::to_string(number) + "]:8080");
    world.services.push_back(full_nat_service(listen, backends, protocol));
    publish();
  }
  static Frame from(const char* client, const char* vip, std::uint16_t port, std::uint8_t flags) {
    return frame().eth(kNode0, kClient).ip(client, vip).tcp(port, 80, flags);
  }
  static unsigned number_of(const Asked& asked) {
    return static_cast<unsigned>(std::stoul(asked.server.substr(asked.server.find_last_of(".:") + 1)));
  }
  static Frame answer(const Asked& asked, std::uint8_t flags) {
    return frame().eth(kNode1, server_mac(number_of(asked))).ip(asked.server, asked.source).tcp(8080, asked.port, flags);
  }

  // Handshake and a request with its answer, between families as they are.
  void converses(const char* client, const char* vip, const char* pool) {
    const Asked syn = take_apart(client_sends(from(client, vip, 40000, kTcpSyn)));
    EXPECT_EQ(syn.source, pool);
    EXPECT_EQ(syn.rest, "ttl 63 | tcp > 8080 S | 0 bytes");
    EXPECT_EQ(syn.link, std::string{kNode1} + " > " + server_mac(number_of(syn)));
    EXPECT_EQ(server_sends(answer(syn, kTcpSyn | kTcpAck)),
              leaves(kP0, frame().eth(kClient, kNode0).ip(vip, client).ttl(63).tcp(80, 40000, kTcpSyn | kTcpAck)));
    const Asked request = take_apart(client_sends(from(client, vip, 40000, kTcpPsh | kTcpAck).payload(100)));
    EXPECT_EQ(request.rest, "ttl 63 | tcp > 8080 PA | 100 bytes");
    EXPECT_EQ(std::tie(request.source, request.server, request.port), std::tie(syn.source, syn.server, syn.port));
    EXPECT_EQ(server_sends(answer(syn, kTcpAck).payload(1000)),
              leaves(kP0, frame().eth(kClient, kNode0).ip(vip, client).ttl(63).tcp(80, 40000, kTcpAck).payload(1000)));
    EXPECT_EQ(entries(ConnState::established), 1U);
  }
};

TEST_F(FullNatStories, TheServerSeesUsAndTheClientSeesTheVip) {
  serve("10.0.0.110:80", Family::ipv4);
  converses("10.0.0.5", "10.0.0.110", "10.0.1.240");
}

TEST_F(FullNatStories, OverIpv6TheSame) {
  serve("[fd00::110]:80", Family::ipv6);
  converses("fd00::5", "fd00::110", "fd01::240");
}

TEST_F(FullNatStories, AClientOfIpv6ReachesServersOfIpv4) {
  serve("[fd00::110]:80", Family::ipv4);
  converses("fd00::5", "fd00::110", "10.0.1.240");
}

TEST_F(FullNatStories, AClientOfIpv4ReachesServersOfIpv6) {
  serve("10.0.0.110:80", Family::ipv6);
  converses("10.0.0.5", "10.0.0.110", "fd01::240");
}

TEST_F(FullNatStories, ErrorsReachBothEndsInTheirOwnWords) {
  struct Case {
    const char *listen, *client, *vip, *pool, *router;
    Family family;
  };
  for (const Case& c : {Case{"10.0.0.110:80", "10.0.0.5", "10.0.0.110", "10.0.1.240", "192.0.2.99", Family::ipv4},
                        Case{"[fd00::110]:80", "fd00::5", "fd00::110", "fd01::240", "2001:db8::99", Family::ipv6}}) {
    serve(c.listen, c.family);
    const Asked syn = take_apart(client_sends(from(c.client, c.vip, 40000, kTcpSyn)));
    const Complaint complaint = too_big(c.family == Family::ipv6, 1400);
    const std::string server = server_mac(number_of(syn));

    const Frame answered = frame().eth(kClient, kNode0).ip(c.vip, c.client).ttl(60).tcp(80, 40000, kTcpAck).payload(40);
    const Frame as_answered = frame().eth(kNode1, server).ip(syn.server, syn.source).ttl(60).tcp(8080, syn.port, kTcpAck).payload(40);
    EXPECT_EQ(client_sends(about(frame().eth(kNode0, kGateway).ip(c.router, c.vip), complaint, answered)),
              leaves(kP1, about(frame().eth(server, kNode1).ip(c.pool, syn.server).ttl(63), complaint, as_answered)));

    const Frame asked = frame().eth(server, kNode1).ip(c.pool, syn.server).ttl(60).tcp(syn.port, 8080, kTcpAck).payload(40);
    const Frame as_asked = frame().eth(kNode0, kClient).ip(c.client, c.vip).ttl(60).tcp(40000, 80, kTcpAck).payload(40);
    EXPECT_EQ(server_sends(about(frame().eth(kNode1, server).ip(syn.server, c.pool), complaint, asked)),
              leaves(kP0, about(frame().eth(kClient, kNode0).ip(c.vip, c.client).ttl(63), complaint, as_asked)));
    const Frame of_nobody = frame().eth(server, kNode1).ip(c.pool, syn.server).ttl(60).tcp(80, 8080, kTcpAck);
    EXPECT_EQ(server_sends(about(frame().eth(kNode1, server).ip(syn.server, c.pool), complaint, of_nobody)),
              Lines{"drop icmp_error_unknown_flow"});
  }
}

TEST_F(FullNatStories, APortIsFreeWhenItsConnectionHasEndedAndNotBefore) {
  serve("10.0.0.110:80", Family::ipv4);
  std::set<std::uint16_t> ports;
  for (std::uint16_t port = 1; port <= 200; ++port)
    ports.insert(take_apart(client_sends(from("10.0.0.5", "10.0.0.110", port, kTcpSyn))).port);
  EXPECT_EQ(ports.size(), entries()) << "no two have the same";
  EXPECT_EQ(world.pools[0].ports->taken(Protocol::tcp), entries());
  pass_time(10);
  EXPECT_EQ(entries(), 0U);
  EXPECT_TRUE(world.pools[0].ports->empty());
}

TEST_F(FullNatStories, AnAnswerFromElsewhereIsNobodys) {
  serve("10.0.0.110:80", Family::ipv4);
  Asked syn = take_apart(client_sends(from("10.0.0.5", "10.0.0.110", 40000, kTcpSyn)));
  const Frame stranger = frame().eth(kNode1, server_mac(11)).ip("10.0.1.99", syn.source).tcp(8080, syn.port, kTcpSyn | kTcpAck);
  EXPECT_EQ(server_sends(stranger), Lines{"drop reply_without_connection"});
  const Frame other_port = frame().eth(kNode1, server_mac(number_of(syn))).ip(syn.server, syn.source).tcp(8081, syn.port, kTcpAck);
  EXPECT_EQ(server_sends(other_port), Lines{"drop reply_without_connection"});
  syn.port = static_cast<std::uint16_t>(syn.port + 256);
  EXPECT_EQ(server_sends(answer(syn, kTcpAck)), Lines{"drop reply_without_connection"});
  syn.port = 80;
  EXPECT_EQ(server_sends(answer(syn, kTcpAck)), Lines{"drop reply_without_connection"}) << "no port of a pool";
}

TEST_F(FullNatStories, WhatHasNoEntryIsNotForwarded) {
  serve("10.0.0.110:80", Family::ipv4);
  EXPECT_EQ(client_sends(from("10.0.0.5", "10.0.0.110", 40000, kTcpAck)), Lines{"drop needs_entry"});
  EXPECT_EQ(client_sends(from("10.0.0.5", "10.0.0.110", 40000, kTcpRst)), Lines{"drop needs_entry"});
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FullNatStories, ADatagramWithoutChecksumGetsOneWhenItBecomesIpv6) {
  serve("10.0.0.110:53", Family::ipv6, Protocol::udp);
  const Frame question = frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.110").udp_without_checksum(1000, 53).payload(9);
  EXPECT_EQ(take_apart(client_sends(question)).rest, "ttl 63 | udp > 8080 | 9 bytes") << "a wrong or missing checksum would be told";
}

// All at one owner slot, which has so many ports.
class FullNatWithoutPorts : public FullNatStories {
 protected:
  static constexpr std::size_t kPorts = 2 * PortBook::kPortsPerHalf;

  FullNatWithoutPorts() { serve("10.0.0.110:80", Family::ipv4); }

  struct Caller {
    std::string client;
    std::uint16_t port = 0;
  };
  // The next one of that slot.
  Caller next() {
    for (;;) {
      if (++port_ == 0) ++client_, ++port_;
      const std::string client = "192.0.2." + std::to_string(client_);
      const TableHash hash = (*worker().context().hasher)(ClientEnd4{address(client).v4(), Be16{port_}, Protocol::tcp});
      if (owner_slot(hash) == OwnerSlot{7}) return {client, port_};
    }
  }
  Lines asks(const Caller& who, std::uint8_t flags = kTcpSyn) {
    return client_sends(from(who.client.c_str(), "10.0.0.110", who.port, flags));
  }
  void opens_fully(const Caller& who) {
    server_sends(answer(take_apart(asks(who)), kTcpSyn | kTcpAck));
    asks(who, kTcpAck);
  }

 private:
  unsigned client_ = 1;
  std::uint16_t port_ = 0;
};

TEST_F(FullNatWithoutPorts, WhoseAllAreInConversationHasNoneForAnother) {
  for (std::size_t i = 0; i < kPorts; ++i) opens_fully(next());
  ASSERT_EQ(entries(ConnState::established), kPorts);
  EXPECT_EQ(asks(next()), Lines{"drop pool_exhausted"});
  EXPECT_EQ(counted(InsertFailure::pool_exhausted), 1U);
  EXPECT_EQ(counted(RemoveReason::evicted), 0U);
}

TEST_F(FullNatWithoutPorts, AFloodOfSynsTakesThemFromItself) {
  const Caller friendly = next();
  opens_fully(friendly);
  for (std::size_t i = 0; i < 2 * kPorts; ++i) ASSERT_EQ(take_apart(asks(next())).source, "10.0.1.240");
  EXPECT_EQ(counted(InsertFailure::pool_exhausted), 0U);
  EXPECT_EQ(counted(RemoveReason::evicted), kPorts + 1) << "all SYNs but those that have the ports beside the conversation";
  EXPECT_EQ(entries(ConnState::half_open), kPorts - 1);
  EXPECT_EQ(take_apart(asks(friendly, kTcpAck)).source, "10.0.1.240");
  opens_fully(next());
  EXPECT_EQ(entries(ConnState::established), 2U) << "a handshake is completed in the midst of it";
}

TEST_F(FullNatWithoutPorts, AResetConnectionsPortIsFreeAtOnceAndAClosingOnesIsNot) {
  const Caller reset = next(), closing = next();
  opens_fully(reset), opens_fully(closing);
  for (std::size_t i = 2; i < kPorts; ++i) opens_fully(next());
  asks(closing, kTcpFin | kTcpAck), asks(reset, kTcpRst);
  EXPECT_EQ(take_apart(asks(next())).source, "10.0.1.240");
  EXPECT_EQ(entries(ConnState::reset), 0U);
  EXPECT_EQ(entries(ConnState::fin_wait), 1U);
}

class FullNatWorkers : public FullNatStories {
 protected:
  FullNatWorkers() : FullNatStories{4} {}
};

TEST_F(FullNatWorkers, AnAnswerReachesItsOwnerByItsPort) {
  serve("10.0.0.110:80", Family::ipv4);
  std::size_t handed = 0;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    const Frame syn = from("10.0.0.5", "10.0.0.110", port, kTcpSyn);
    Lines asked = client_sends(syn);
    if (asked.front().starts_with("hand over to")) asked = deliver();
    const Asked one = take_apart(asked);
    Lines answered = server_sends(answer(one, kTcpSyn | kTcpAck));
    handed += answered.front().starts_with("hand over to");
    if (answered.front().starts_with("hand over to")) answered = deliver();
    EXPECT_EQ(answered, leaves(kP0, frame().eth(kClient, kNode0).ip("10.0.0.110", "10.0.0.5").ttl(63).tcp(80, port, kTcpSyn | kTcpAck)));
  }
  EXPECT_GT(handed, 50U);
}

}  // namespace
}  // namespace tandem::test
