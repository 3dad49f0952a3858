// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/method_site.h"

#include <sstream>

#include "tests/support/packet_text.h"

namespace tandem::test {

namespace {

using enum ForwardingMethod;
constexpr Family k4 = Family::ipv4, k6 = Family::ipv6;

std::string at_port(const std::string& address, std::uint16_t port) {
  const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  return host + ":" + std::to_string(port);
}

std::string server_address_of(Family family, unsigned server) { return (family == k6 ? "fd01::" : "10.0.1.") + std::to_string(server); }

// Behind nat and full-nat at another port than the VIP's.
WorldService service_of(const Way& way, Protocol protocol) {
  const bool tcp = protocol == Protocol::tcp;
  WorldService made;
  made.listen = endpoint(at_port(way.clients == k6 ? "fd00::110" : "10.0.0.110", tcp ? 80 : 53));
  made.protocol = protocol, made.method = way.method, made.tunnel = way.tunnel;
  const std::uint16_t port = is_one_way(way.method) ? (tcp ? 80 : 53) : (tcp ? 8080 : 5353);
  for (const unsigned server : kServers) made.backends.push_back({endpoint(at_port(server_address_of(way.servers, server), port))});
  return made;
}

World site_of(const Way& way, std::size_t workers) {
  World world = two_port_world();
  world.workers = workers;
  world.services = {service_of(way, Protocol::tcp), service_of(way, Protocol::udp)};
  if (way.method == full_nat)
    for (const char* pool : {"10.0.1.240", "fd01::240"}) world.pools.push_back({address(pool)});
  return world;
}

std::string word(const std::string& layer, unsigned index) {
  std::istringstream words{layer};
  std::string word;
  for (unsigned at = 0; at <= index; ++at) words >> word;
  return word;
}

}  // namespace

std::vector<Way> ways() {
  using enum TunnelKind;
  return {{"nat_4", nat, k4, k4},
          {"nat_6", nat, k6, k6},
          {"full_nat_4", full_nat, k4, k4},
          {"full_nat_6", full_nat, k6, k6},
          {"full_nat_4to6", full_nat, k4, k6},
          {"full_nat_6to4", full_nat, k6, k4},
          {"l2_dsr_4", l2_dsr, k4, k4},
          {"l2_dsr_6", l2_dsr, k6, k6},
          {"ipip_4", ForwardingMethod::ipip, k4, k4, TunnelKind::ipip},
          {"ipip_6", ForwardingMethod::ipip, k6, k6, TunnelKind::ipip},
          {"ipip_4to6", ForwardingMethod::ipip, k4, k6, TunnelKind::ipip},
          {"ipip_6to4", ForwardingMethod::ipip, k6, k4, TunnelKind::ipip},
          {"gue_4", gue, k4, k4, gue_direct},
          {"gue_6", gue, k6, k6, gue_header},
          {"gue_4to6", gue, k4, k6, gue_header},
          {"gue_6to4", gue, k6, k4, gue_direct}};
}

std::string name_of_way(const testing::TestParamInfo<Way>& info) { return info.param.name; }

MethodScenario::MethodScenario(std::size_t workers) : Scenario{site_of(GetParam(), workers)}, way_{GetParam()} {}

std::string MethodScenario::server_address(const Talk& talk) const { return server_address_of(way_.servers, talk.server); }

std::uint16_t MethodScenario::server_port(const Talk& talk) const {
  return world.services[talk.protocol == Protocol::tcp ? 0 : 1].backends[0].endpoint.port;
}

Frame MethodScenario::with_ports(Frame frame, const Talk& talk, std::uint16_t source, std::uint16_t target, std::uint8_t flags) const {
  return talk.protocol == Protocol::tcp ? frame.tcp(source, target, flags) : frame.udp(source, target);
}

Frame MethodScenario::from_client(const Talk& talk, std::uint8_t flags) const {
  return with_ports(frame().eth(kNode0, kClient).ip(client(), vip()), talk, talk.port, service_port(talk), flags);
}

Frame MethodScenario::at_server(const Talk& talk, std::uint8_t flags) const {
  Frame made = frame().eth(server_mac(talk.server), kNode1);
  if (is_by(full_nat)) made.ip(talk.own_address, server_address(talk));
  else made.ip(client(), is_by(nat) ? server_address(talk) : vip());
  return with_ports(made.ttl(63), talk, is_by(full_nat) ? talk.own_port : talk.port, server_port(talk), flags);
}

Frame MethodScenario::from_server(const Talk& talk, std::uint8_t flags) const {
  Frame made = frame().eth(kNode1, server_mac(talk.server));
  if (is_by(full_nat)) made.ip(server_address(talk), talk.own_address);
  else made.ip(is_by(nat) ? server_address(talk) : vip(), client());
  return with_ports(made, talk, server_port(talk), is_by(full_nat) ? talk.own_port : talk.port, flags);
}

Frame MethodScenario::at_client(const Talk& talk, std::uint8_t flags) const {
  return with_ports(frame().eth(kClient, kNode0).ip(vip(), client()).ttl(63), talk, service_port(talk), talk.port, flags);
}

// The traffic class outside is the one inside (docs/design/tunnels.md).
Lines MethodScenario::reaches_server(const Talk& talk, const Bytes& frame) const {
  const std::string line = "p1: " + to_line(frame);
  if (talk.tunnel.empty()) return {line};
  const std::size_t link = line.find(" | "), network = link + 3, network_end = line.find(" | ", network);
  const std::size_t marked = line.find(" class ", network);
  const std::string traffic_class = marked < network_end ? line.substr(marked, 9) : "";
  return {line.substr(0, network) + talk.outer + traffic_class + " | " + talk.tunnel + " | " + line.substr(network)};
}

void MethodScenario::learn(Talk& talk, const Lines& lines) const {
  talk.server = server_of(lines);
  ASSERT_NE(talk.server, 0U) << (lines.empty() ? "nothing left" : lines[0]);
  const Lines layers = parts_of(lines[0]);
  ASSERT_GE(layers.size(), 3U) << lines[0];
  if (is_by(full_nat)) {
    talk.own_address = word(layers[1], 0), talk.own_port = static_cast<std::uint16_t>(std::stoul(word(layers[2], 1)));
    EXPECT_EQ(talk.own_address, way_.servers == k6 ? "fd01::240" : "10.0.1.240");
  } else if (is_tunnelled(way_.method)) {
    talk.outer = layers[1].substr(0, layers[1].find(" class ")), talk.tunnel = layers[2];
    EXPECT_EQ(word(talk.outer, 2), server_address(talk)) << "outside stands the server";
    EXPECT_EQ(word(talk.outer, 4), "64") << "a header of our own starts with our own time to live: " << talk.outer;
  }
}

Talk MethodScenario::opens(Protocol protocol, std::uint16_t port) {
  Talk talk{protocol, port};
  learn(talk, client_sends(from_client(talk, kTcpSyn)));
  EXPECT_EQ(client_sends(from_client(talk, kTcpSyn)), reaches_server(talk, at_server(talk, kTcpSyn)));
  if (is_two_way()) {
    EXPECT_EQ(server_sends(from_server(talk, kTcpSyn | kTcpAck)), reaches_client(at_client(talk, kTcpSyn | kTcpAck)));
  }
  EXPECT_EQ(client_sends(from_client(talk)), reaches_server(talk, at_server(talk)));
  return talk;
}

}  // namespace tandem::test
