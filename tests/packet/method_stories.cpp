// SPDX-License-Identifier: Apache-2.0
// What every forwarding method does between all families that it allows: conversations, fragments, errors, both ways.
#include "tests/packet/fragment_site.h"
#include "tests/packet/icmp_site.h"
#include "tests/packet/method_site.h"

namespace tandem::test {
namespace {

class MethodStories : public MethodScenario {
 protected:
  // The client's packet; the server's, or its answer that strays to us, which no one-way method forwards.
  void passes(const Talk& talk, std::uint8_t flags, std::size_t bytes) {
    EXPECT_EQ(client_sends(from_client(talk, flags).payload(bytes)), reaches_server(talk, at_server(talk, flags).payload(bytes)));
  }
  void returns(const Talk& talk, std::uint8_t flags, std::size_t bytes) {
    const Lines expected = is_two_way() ? reaches_client(at_client(talk, flags).payload(bytes)) : Lines{"drop source_is_vip"};
    EXPECT_EQ(server_sends(from_server(talk, flags).payload(bytes)), expected);
  }
  Lines each(PortId port, const std::vector<Bytes>& frames) {
    Lines lines;
    for (const Bytes& frame : frames)
      for (const std::string& line : receive(port, {frame})) lines.push_back(line);
    return lines;
  }
  Lines all_reach_server(const Talk& talk, const std::vector<Bytes>& frames) const {
    Lines lines;
    for (const Bytes& frame : frames) lines.push_back(reaches_server(talk, frame)[0]);
    return lines;
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, MethodStories, testing::ValuesIn(ways()), name_of_way);

TEST_P(MethodStories, AWebRequestFromItsSynToItsFins) {
  const Talk talk = opens(Protocol::tcp);
  passes(talk, kTcpPsh | kTcpAck, 100), returns(talk, kTcpAck, 1000);
  passes(talk, kTcpFin | kTcpAck, 0), returns(talk, kTcpFin | kTcpAck, 0);
  passes(talk, kTcpAck, 0);
  EXPECT_EQ(entries(is_two_way() ? ConnState::time_wait : ConnState::fin_wait), 1U);
}

TEST_P(MethodStories, AQuestionByUdpAndItsAnswer) {
  const Talk talk = opens(Protocol::udp);
  passes(talk, 0, 31), returns(talk, 0, 200);
  EXPECT_EQ(entries(ConnState::udp_two_way), 1U);
}

// Where families differ what an error quotes would have to be translated too (docs/design/icmp.md).
TEST_P(MethodStories, ARouterOnTheClientsSideComplainsOfAnAnswer) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    const Talk talk = opens(protocol);
    const std::string router = clients_are_ipv6() ? "2001:db8::99" : "192.0.2.99";
    const Frame outer = frame().eth(kNode0, kGateway).ip(router, vip());
    for (const Complaint& complaint : complaints(clients_are_ipv6())) {
      const Lines lines = client_sends(about(outer, complaint, at_client(talk).ttl(60).payload(40)));
      if (changes_family()) {
        EXPECT_EQ(lines, Lines{"drop icmp_error_unknown_flow"});
        continue;
      }
      // One-way: the server has the VIP, and sent the answer as the router saw it.
      const Frame as_sent = is_two_way() ? from_server(talk).ttl(60) : at_client(talk).ttl(60);
      const std::string source = is_by(ForwardingMethod::full_nat) ? talk.own_address : router;
      const Frame carried = frame().eth(server_mac(talk.server), kNode1).ip(source, is_two_way() ? server_address(talk) : vip()).ttl(63);
      EXPECT_EQ(lines, reaches_server(talk, about(carried, complaint, Frame{as_sent}.payload(40))));
    }
  }
}

TEST_P(MethodStories, AServerComplainsOfARequest) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    const Talk talk = opens(protocol);
    const bool ipv6 = is_two_way() ? server_address(talk).find(':') != std::string::npos : clients_are_ipv6();
    for (const Complaint& complaint : complaints(ipv6)) {
      const std::string speaker = is_two_way() ? server_address(talk)
                                  : ipv6       ? "fd01::" + std::to_string(talk.server)
                                               : "10.0.1." + std::to_string(talk.server);
      const Frame outer =
          frame().eth(kNode1, server_mac(talk.server)).ip(speaker, is_by(ForwardingMethod::full_nat) ? talk.own_address : client());
      const Lines lines = server_sends(about(outer, complaint, at_server(talk).payload(40)));
      if (changes_family()) {
        EXPECT_EQ(lines, Lines{"drop icmp_error_unknown_flow"});
      } else if (is_two_way()) {
        const Frame told = frame().eth(kClient, kNode0).ip(vip(), client()).ttl(63);
        EXPECT_EQ(lines, reaches_client(about(told, complaint, from_client(talk).ttl(63).payload(40))));
      } else {
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_TRUE(lines[0].starts_with("punt ")) << "the server tells the client by itself; here it strays: " << lines[0];
      }
    }
  }
}

constexpr std::size_t kPiece = 64, kLong = 500;

TEST_P(MethodStories, ARequestInFragmentsInAnyOrder) {
  const Talk talk = opens(Protocol::udp);
  std::uint32_t id = 0;
  for (const auto& order : {+[](std::vector<Bytes> all) { return all; }, +last_first}) {
    const auto came = fragments_of(from_client(talk).payload(kLong), kPiece, ++id);
    const auto expected = fragments_of(at_server(talk).payload(kLong), kPiece, id);
    const Lines lines = each(kP0, order(came));
    if (changes_family()) EXPECT_EQ(lines, Lines(came.size(), "drop fragment_changes_family"));
    else EXPECT_EQ(sorted(lines), sorted(all_reach_server(talk, expected)));
  }
}

TEST_P(MethodStories, AnAnswerInFragmentsInAnyOrder) {
  const Talk talk = opens(Protocol::udp);
  std::uint32_t id = 0;
  for (const auto& order : {+[](std::vector<Bytes> all) { return all; }, +last_first}) {
    const auto came = fragments_of(from_server(talk).payload(kLong), kPiece, ++id);
    const Lines lines = each(kP1, order(came));
    if (changes_family()) EXPECT_EQ(lines, Lines(came.size(), "drop fragment_changes_family"));
    else if (!is_two_way()) EXPECT_EQ(lines, Lines(came.size(), "drop source_is_vip"));
    else EXPECT_EQ(sorted(lines), sorted(leave(kP0, fragments_of(at_client(talk).payload(kLong), kPiece, id))));
  }
}

}  // namespace
}  // namespace tandem::test
