// SPDX-License-Identifier: Apache-2.0
// full-nat backends that are told their client's address, by kernels that count as TCP does: what is lost comes again, numbers wrap.
#include "tests/packet/scenario.h"
#include "tests/packet/tcp_site.h"

namespace tandem::test {
namespace {

constexpr std::uint32_t kClientSyn = 0xfffffffa, kServerSyn = 77000;  // the client's numbers wrap within its first bytes
constexpr std::uint32_t kFirst = kClientSyn + 1;                      // of its data
constexpr std::uint16_t kClientPort = 40000;
constexpr std::uint8_t kToa = 254, kFastOpen = 34;
constexpr std::uint8_t kData = kTcpPsh | kTcpAck;

class ToldStories : public Scenario {
 protected:
  ToldStories() {
    for (const char* pool : {"10.0.1.240", "fd01::240"}) world.pools.push_back({address(pool)});
  }
  void serve(ClientAddress how, const std::string& listen = "10.0.0.110:80", bool ipv6_servers = false) {
    std::vector<std::string> backends;
    for (const unsigned number : kServers)
      backends.push_back(ipv6_servers ? "[fd01::" + std::to_string(number) + "]:8080" : "10.0.1." + std::to_string(number) + ":8080");
    world.services.push_back(full_nat_service(listen, backends));
    world.services.back().client_address = how;
    publish();
    vip_ = to_string(endpoint(listen).address);
    client_ = endpoint(listen).address.family == Family::ipv4 ? "10.0.0.5" : "fd00::5";
  }

  // What a server's kernel gets of it; null: nothing.
  std::optional<Segment> asks(const Segment& sent) {
    return arrived(client_sends(segment(frame().eth(kNode0, kClient).ip(client_, vip_), kClientPort, 80, sent)), "p1: ");
  }
  // What the client's gets of an answer to the last one that asked.
  std::optional<Segment> answers(const Segment& sent) {
    const unsigned number = static_cast<unsigned>(std::stoul(at_.target.substr(at_.target.find_last_of(".:") + 1)));
    const Frame base = frame().eth(kNode1, server_mac(number)).ip(at_.target, at_.source);
    const Segment last = at_;
    const auto got = arrived(server_sends(segment(base, 8080, last.source_port, sent)), "p0: ");
    at_ = last;
    return got;
  }

  Segment opens(const Bytes& options = mss(1460)) {
    const auto syn = asks({kTcpSyn, kClientSyn, 0, options});
    EXPECT_TRUE(syn && (syn->flags & kTcpSyn) != 0);
    return syn.value_or(Segment{});
  }
  // The server's kernel takes the SYN as it saw it.
  Segment accepts(const Segment& syn) {
    const auto accepted = answers({kTcpSyn | kTcpAck, kServerSyn, syn.sequence + 1, mss(1460)});
    EXPECT_TRUE(accepted.has_value());
    return accepted.value_or(Segment{});
  }
  static Segment data(std::uint32_t sequence, std::string_view letters, Bytes options = {}) {
    return {kData, sequence, kServerSyn + 1, std::move(options), text(letters)};
  }
  static Segment acknowledgment(std::uint32_t sequence = kFirst) { return {kTcpAck, sequence, kServerSyn + 1}; }
  static Bytes bytes_of(const IpAddress& address) {
    return address.family == Family::ipv4 ? Bytes(address.bytes.begin() + 12, address.bytes.end())
                                          : Bytes(address.bytes.begin(), address.bytes.end());
  }
  Bytes toa() const {
    const Bytes client = bytes_of(address(client_));
    return joined({kToa, static_cast<std::uint8_t>(4 + client.size()), 0x9c, 0x40}, client);
  }
  Bytes proxy_header() const {
    const Bytes client = bytes_of(address(client_)), vip = bytes_of(address(vip_));
    const bool v4 = client.size() == 4;
    const Bytes front{0x0d, 0x0a,
                      0x0d, 0x0a,
                      0,    0x0d,
                      0x0a, 'Q',
                      'U',  'I',
                      'T',  0x0a,
                      0x21, static_cast<std::uint8_t>(v4 ? 0x11 : 0x21),
                      0,    static_cast<std::uint8_t>(v4 ? 12 : 36)};
    return joined(joined(front, joined(client, vip)), {0x9c, 0x40, 0, 80});
  }

  std::string client_, vip_, complaint_;

 private:
  std::optional<Segment> arrived(const Lines& lines, const std::string& port) {
    complaint_ = lines.empty() ? "nothing" : lines[0];
    if (lines.size() != 1 || !lines[0].starts_with(port)) return std::nullopt;
    at_ = read_segment(last_frame());
    EXPECT_TRUE(at_.sums_right) << lines[0];
    return at_;
  }

  Segment at_;
};

class ToaStories : public ToldStories {
 protected:
  void converses() {
    const Segment syn = opens();
    EXPECT_EQ(syn.option(kToa), toa());
    EXPECT_EQ(syn.option(2), mss(1460)) << "the client's own stand behind";
    EXPECT_EQ(syn.sequence, kClientSyn);
    const auto leaves_room = static_cast<std::uint16_t>(1460 - toa().size());
    EXPECT_EQ(accepts(syn).option(2), mss(leaves_room)) << "so that a full segment has room for the option";
    EXPECT_EQ(asks(acknowledgment())->option(kToa), toa());
    EXPECT_EQ(asks(data(kFirst, "GET /"))->option(kToa), toa()) << "the acknowledgment may have been lost";
    answers({kTcpAck, kServerSyn + 1, kFirst + 5});
    EXPECT_EQ(asks(data(kFirst + 5, "more"))->option(kToa), std::nullopt) << "it has heard";
  }
};

TEST_F(ToaStories, EachSegmentCarriesTheOptionUntilTheServerHasHeardData) {
  serve(ClientAddress::toa);
  converses();
  EXPECT_EQ(counted(ClientAddressFate::toa), 3U);
}

TEST_F(ToaStories, OfIpv6TheAddressIsLonger) {
  serve(ClientAddress::toa, "[fd00::110]:80", true);
  converses();
}

TEST_F(ToaStories, AServerOfIpv4IsToldTheIpv6Address) {
  serve(ClientAddress::toa, "[fd00::110]:80", false);
  converses();
}

TEST_F(ToaStories, AServerThatSpeaksFirstHasHeard) {
  serve(ClientAddress::toa);
  accepts(opens());
  asks(acknowledgment());
  answers({kData, kServerSyn + 1, kFirst, {}, text("220 mail")});
  EXPECT_EQ(asks({kTcpAck, kFirst, kServerSyn + 9})->option(kToa), std::nullopt);
}

// RFC 9293 3.10.7.4: it answers a segment outside its window while it still waits for the handshake's last.
TEST_F(ToaStories, ABareAcknowledgmentOfAWaitingServerSaysNothing) {
  serve(ClientAddress::toa);
  accepts(opens());
  asks({kTcpAck, kFirst + 1000000, kServerSyn + 1});
  answers({kTcpAck, kServerSyn + 1, kFirst});
  EXPECT_EQ(asks(acknowledgment())->option(kToa), toa());
}

TEST_F(ToaStories, AClientCannotSayItIsSomebodyElse) {
  serve(ClientAddress::toa);
  accepts(opens());
  const Bytes forged{kToa, 8, 0, 80, 192, 0, 2, 1};
  const auto first = asks({kTcpAck, kFirst, kServerSyn + 1, forged});
  EXPECT_EQ(first->option(kToa), toa());
  EXPECT_EQ(first->options.size(), 16U);
  Bytes full = forged;
  full.resize(40, 1);
  const auto without = asks({kTcpAck, kFirst, kServerSyn + 1, full});
  EXPECT_EQ(without->option(kToa), std::nullopt) << "no room for ours, and the client's is no word of ours";
  EXPECT_EQ(counted(ClientAddressFate::forged), 2U);
  EXPECT_EQ(counted(ClientAddressFate::no_room), 1U);
}

TEST_F(ToaStories, ASegmentThatFillsTheWayGoesWithout) {
  serve(ClientAddress::toa);
  accepts(opens());
  const auto full = asks(data(kFirst, std::string(1460, 'x')));
  EXPECT_EQ(full->option(kToa), std::nullopt);
  EXPECT_EQ(full->data.size(), 1460U);
  EXPECT_EQ(counted(ClientAddressFate::no_room), 1U);
  EXPECT_EQ(asks(data(kFirst, std::string(1452, 'x')))->option(kToa), toa());
}

class ProxyStories : public ToldStories {
 protected:
  std::uint32_t header_bytes() const { return static_cast<std::uint32_t>(proxy_header().size()); }

  void converses() {
    const Segment syn = opens();
    EXPECT_EQ(syn.sequence, kClientSyn - header_bytes()) << "room for the header's numbers";
    Receiver server{syn.sequence};
    const Segment accepted = accepts(syn);
    EXPECT_EQ(accepted.acknowledgment, kFirst);
    EXPECT_EQ(accepted.option(2), mss(static_cast<std::uint16_t>(1460 - header_bytes())));
    server.take(*asks(acknowledgment()));
    EXPECT_EQ(server.stream(), proxy_header()) << "a server that speaks first need not wait for data";
    EXPECT_EQ(server.acknowledges(), kFirst);
    EXPECT_EQ(answers({kTcpAck, kServerSyn + 1, server.acknowledges()})->acknowledgment, kFirst);
    server.take(*asks(data(kFirst, "GET /")));
    EXPECT_EQ(server.stream(), joined(proxy_header(), text("GET /")));
    EXPECT_EQ(answers({kData, kServerSyn + 1, server.acknowledges(), {}, text("200")})->acknowledgment, kFirst + 5);
    EXPECT_EQ(counted(ClientAddressFate::proxy_v2), 1U);
  }
};

TEST_F(ProxyStories, TheHeaderGoesAheadAndNothingIsShiftedBehindIt) {
  serve(ClientAddress::proxy_v2);
  converses();
}

TEST_F(ProxyStories, OverIpv6TheSame) {
  serve(ClientAddress::proxy_v2, "[fd00::110]:80", true);
  converses();
}

TEST_F(ProxyStories, AServerOfIpv4IsToldTheIpv6Address) {
  serve(ClientAddress::proxy_v2, "[fd00::110]:80", false);
  converses();
}

TEST_F(ProxyStories, AServerOfIpv6IsToldTheIpv4Address) {
  serve(ClientAddress::proxy_v2, "10.0.0.110:80", true);
  converses();
}

// The acknowledgment and the first data are lost behind us; the second segment comes first.
TEST_F(ProxyStories, TheHeaderComesAgainWithWhatIsSentAgain) {
  serve(ClientAddress::proxy_v2);
  const Segment syn = opens();
  Receiver server{syn.sequence};
  accepts(syn);
  asks(acknowledgment());
  asks(data(kFirst, "first "));
  const auto second = asks(data(kFirst + 6, "second"));
  EXPECT_EQ(second->sequence, kFirst + 6) << "only the first byte has the header in front";
  server.take(*second);
  EXPECT_EQ(server.acknowledges(), syn.sequence + 1);

  // What it has early it tells (RFC 2018): of the client's own bytes, in the client's own numbers.
  const std::uint32_t from = kFirst + 6, to = kFirst + 12;
  Bytes sack{1, 1, 5, 10};
  for (const std::uint32_t edge : {from, to})
    for (const unsigned shift : {24U, 16U, 8U, 0U}) sack.push_back(static_cast<std::uint8_t>(edge >> shift));
  const auto told = answers({kTcpAck, kServerSyn + 1, server.acknowledges(), sack});
  EXPECT_EQ(told->acknowledgment, kFirst) << "the header is none of the client's bytes";
  EXPECT_EQ(told->options, sack);

  const auto again = asks(data(kFirst, "first "));
  EXPECT_EQ(again->sequence, kFirst - header_bytes());
  server.take(*again);
  EXPECT_EQ(server.stream(), joined(proxy_header(), text("first second")));
  EXPECT_EQ(answers({kTcpAck, kServerSyn + 1, server.acknowledges()})->acknowledgment, kFirst + 12);
}

TEST_F(ProxyStories, OnceTheHeaderArrivedTheFirstByteComesAloneAgain) {
  serve(ClientAddress::proxy_v2);
  accepts(opens());
  asks(acknowledgment());
  answers({kTcpAck, kServerSyn + 1, kFirst});
  for (int i = 0; i < 2; ++i) {
    const auto plain = asks(data(kFirst, "GET /"));
    EXPECT_EQ(plain->sequence, kFirst);
    EXPECT_EQ(plain->data, text("GET /"));
  }
}

// A SYN that was lost, or its answer, comes with the same number.
TEST_F(ProxyStories, ARepeatedHandshakeIsTheSame) {
  serve(ClientAddress::proxy_v2);
  const Segment syn = opens(), again = opens();
  EXPECT_EQ(std::tie(syn.sequence, syn.source_port), std::tie(again.sequence, again.source_port));
  EXPECT_EQ(accepts(again).acknowledgment, kFirst);
  asks(acknowledgment());
  EXPECT_EQ(accepts(again).acknowledgment, kFirst) << "the header was lost: it answers the SYN again";
  EXPECT_EQ(asks(acknowledgment())->data, proxy_header());
}

TEST_F(ProxyStories, AClientThatClosesAtOnceIsTold) {
  serve(ClientAddress::proxy_v2);
  const Segment syn = opens();
  accepts(syn);
  const auto fin = asks({kTcpFin | kTcpAck, kFirst, kServerSyn + 1});
  EXPECT_EQ(fin->data, proxy_header());
  EXPECT_EQ(fin->sequence, syn.sequence + 1);
}

TEST_F(ProxyStories, ARefusalIsTheClientsOwn) {
  serve(ClientAddress::proxy_v2);
  const Segment syn = opens();
  const auto refused = answers({kTcpRst | kTcpAck, 0, syn.sequence + 1});
  EXPECT_EQ(refused->acknowledgment, kFirst);
  EXPECT_EQ(refused->flags, kTcpRst | kTcpAck);
}

// It knows how long the header is: its own words in the header's place would be believed.
TEST_F(ProxyStories, WhatWouldStandInTheHeadersPlaceIsDropped) {
  serve(ClientAddress::proxy_v2);
  accepts(opens());
  const Lines dropped{"drop before_proxy_header"};
  EXPECT_FALSE(asks(data(kFirst - header_bytes(), "PROXY of mine, so long as ours"))) << complaint_;
  EXPECT_EQ(complaint_, dropped[0]);
  EXPECT_FALSE(asks(data(kFirst - 1, "a byte too early")));
  EXPECT_FALSE(asks({kTcpSyn | kTcpAck, kClientSyn, kServerSyn + 1}));
  EXPECT_FALSE(asks({kTcpFin | kTcpAck, kFirst - 1, kServerSyn + 1}));
  EXPECT_EQ(counted(DropReason::before_proxy_header), 4U);
  EXPECT_TRUE(asks({kTcpAck, kFirst - 1, kServerSyn + 1})) << "a bare acknowledgment stands nowhere";
  EXPECT_EQ(asks(data(kFirst, "GET /"))->data, joined(proxy_header(), text("GET /")));
}

TEST_F(ProxyStories, AFragmentIsDroppedWhileTheHeaderIsOwed) {
  serve(ClientAddress::proxy_v2);
  accepts(opens());
  const Frame part = frame().eth(kNode0, kClient).ip(client_, vip_).fragment(0, true).tcp(kClientPort, 80, kData).payload(28);
  EXPECT_EQ(client_sends(part), Lines{"drop before_proxy_header"});
}

// With two SYNs in the air nobody knows which one the server took.
TEST_F(ProxyStories, ASynWithAnotherNumberIsAnotherConnection) {
  serve(ClientAddress::proxy_v2);
  const Segment first = opens();
  accepts(first);
  const auto second = asks({kTcpSyn, kClientSyn - 1000, 0});
  EXPECT_EQ(second->sequence, kClientSyn - 1000 - header_bytes());
  EXPECT_NE(second->source_port, first.source_port);
  EXPECT_EQ(entries(), 1U);
}

// The server lost its end without our seeing it; or it answers that it has not (RFC 5961 4).
TEST_F(ProxyStories, ASynIntoWhatStandsOwesTheHeaderAnew) {
  serve(ClientAddress::proxy_v2);
  accepts(opens());
  asks(acknowledgment());
  answers({kTcpAck, kServerSyn + 1, kFirst});
  const auto anew = asks({kTcpSyn, kClientSyn + 5000, 0});
  EXPECT_EQ(anew->sequence, kClientSyn + 5000 - header_bytes());
  EXPECT_FALSE(asks(data(kClientSyn + 5001 - header_bytes(), "PROXY of mine"))) << complaint_;
  EXPECT_EQ(asks({kTcpAck, kClientSyn + 5001, kServerSyn + 1})->data, proxy_header());
}

TEST_F(ProxyStories, DataOfASynIsLeftForLater) {
  serve(ClientAddress::proxy_v2);
  const Bytes cookie{kFastOpen, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1};
  const auto syn = asks({kTcpSyn, kClientSyn, 0, cookie, text("GET /")});
  EXPECT_TRUE(syn->data.empty());
  EXPECT_EQ(syn->option(kFastOpen), std::nullopt);
  EXPECT_EQ(counted(ClientAddressFate::syn_data_cut), 1U);
  EXPECT_EQ(accepts(*syn).acknowledgment, kFirst);
}

// A server's port that nobody listens at, or a router on the way: the client finds its connection by the number it sent.
TEST_F(ProxyStories, AnErrorAboutTheSynNamesTheClientsNumber) {
  serve(ClientAddress::proxy_v2);
  const Segment syn = opens();
  const Bytes sent = last_frame();
  const Frame quoting =
      frame().eth(kNode1, server_mac(11)).ip(syn.target, syn.source).icmp(3, 3, 0, 0).payload(Bytes(sent.begin() + 14, sent.end()));
  const Lines lines = server_sends(quoting);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("p0: ")) << lines[0];
  EXPECT_EQ(lines[0].find("BAD"), std::string::npos) << lines[0];
  const std::uint8_t* number = last_frame().data() + 14 + 20 + 8 + 20 + 4;
  EXPECT_EQ(std::uint32_t{number[0]} << 24 | std::uint32_t{number[1]} << 16 | std::uint32_t{number[2]} << 8 | number[3], kClientSyn);
}

// Who does not heed the segment size is told what fits, about the packet as it was sent.
TEST_F(ProxyStories, AFirstSegmentThatDoesNotFitIsToldSo) {
  serve(ClientAddress::proxy_v2);
  accepts(opens());
  EXPECT_FALSE(asks(data(kFirst, std::string(1460, 'x'))));
  EXPECT_NE(complaint_.find("mtu 1472"), std::string::npos) << complaint_;
  EXPECT_EQ(counted(DropReason::mtu_exceeded), 1U);
  EXPECT_EQ(asks(data(kFirst, std::string(1432, 'x')))->data.size(), 1460U);
}

}  // namespace
}  // namespace tandem::test
