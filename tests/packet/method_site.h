// SPDX-License-Identifier: Apache-2.0
// One service, reached by any forwarding method from clients and at servers of any families that the method allows: the rows of the
// scenario matrix. A story is written once and told for each of them; what a packet looks like at each of its four places is known here.
#pragma once

#include "tests/packet/scenario.h"

namespace tandem::test {

// A row.
struct Way {
  const char* name;  // as gtest and the matrix spell it
  ForwardingMethod method;
  Family clients, servers;
  TunnelKind tunnel = TunnelKind::ipip;
};
std::vector<Way> ways();  // all
std::string name_of_way(const testing::TestParamInfo<Way>& info);

// One client's conversation, and what its first packet has taught: which server has it, as whom we ask it, behind what outer headers.
struct Talk {
  Protocol protocol{};
  std::uint16_t port = 0;  // the client's
  unsigned server = 0;
  std::string own_address = {};  // full-nat's
  std::uint16_t own_port = 0;
  std::string outer = {}, tunnel = {};  // as to_line() tells them, without the traffic class
};

class MethodScenario : public Scenario, public testing::WithParamInterface<Way> {
 protected:
  explicit MethodScenario(std::size_t workers = 1);

  bool clients_are_ipv6() const { return way_.clients == Family::ipv6; }
  bool changes_family() const { return !is_tunnelled(way_.method) && way_.clients != way_.servers; }
  bool is_two_way() const { return !is_one_way(way_.method); }
  bool is_by(ForwardingMethod method) const { return way_.method == method; }

  std::string client() const { return clients_are_ipv6() ? "fd00::5" : "10.0.0.5"; }
  std::string vip() const { return clients_are_ipv6() ? "fd00::110" : "10.0.0.110"; }
  std::string server_address(const Talk& talk) const;
  std::string node_address() const { return way_.servers == Family::ipv6 ? "fd01::1" : "10.0.1.1"; }  // towards the servers

  // A packet of the conversation at its four places; flags are TCP's. Behind a tunnel at_server tells what is inside.
  Frame from_client(const Talk& talk, std::uint8_t flags = kTcpAck) const;
  Frame at_server(const Talk& talk, std::uint8_t flags = kTcpAck) const;
  Frame from_server(const Talk& talk, std::uint8_t flags = kTcpAck) const;  // one-way: an answer that strays to us
  Frame at_client(const Talk& talk, std::uint8_t flags = kTcpAck) const;

  // The line of a frame that leaves for the server, in its tunnel if there is one.
  Lines reaches_server(const Talk& talk, const Frame& frame) const { return reaches_server(talk, frame.bytes()); }
  Lines reaches_server(const Talk& talk, const Bytes& frame) const;
  Lines reaches_client(const Frame& frame) const { return leaves(kP0, frame); }

  // The first packet, and the last of the handshake or a second datagram, every one seen to leave as it must.
  Talk opens(Protocol protocol, std::uint16_t port = 40000);
  void learn(Talk& talk, const Lines& lines) const;  // from the first packet, as it left

 private:
  Frame with_ports(Frame frame, const Talk& talk, std::uint16_t source, std::uint16_t target, std::uint8_t flags) const;
  std::uint16_t service_port(const Talk& talk) const { return talk.protocol == Protocol::tcp ? 80 : 53; }
  std::uint16_t server_port(const Talk& talk) const;

  Way way_;
};

}  // namespace tandem::test
