// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/site.h"

#include "tests/support/packet_text.h"

namespace tandem::test {

namespace {

struct Facts {
  const char *name, *vip;
  std::uint16_t port, server_port;
  Protocol protocol;
  ForwardingMethod method;
};

using enum ForwardingMethod;

constexpr std::array<Facts, 8> kFacts{{{"web", "10.0.0.100", 80, 8080, Protocol::tcp, nat},
                                       {"web6", "fd00::100", 80, 8080, Protocol::tcp, nat},
                                       {"dns", "10.0.0.100", 53, 5353, Protocol::udp, nat},
                                       {"dns6", "fd00::100", 53, 5353, Protocol::udp, nat},
                                       {"direct web", "10.0.0.101", 80, 80, Protocol::tcp, l2_dsr},
                                       {"direct web6", "fd00::101", 80, 80, Protocol::tcp, l2_dsr},
                                       {"direct dns", "10.0.0.101", 53, 53, Protocol::udp, l2_dsr},
                                       {"direct dns6", "fd00::101", 53, 53, Protocol::udp, l2_dsr}}};

WorldService described(std::size_t number) {
  const Facts& facts = kFacts[number];
  WorldService made;
  made.listen = {address(facts.vip), facts.port};
  made.protocol = facts.protocol;
  made.method = facts.method;
  for (const unsigned server : kServers)
    made.backends.push_back({{address(address_of(static_cast<Service>(number), server)), facts.server_port}});
  return made;
}

Frame with_ports(Frame frame, const Facts& facts, std::uint16_t source, std::uint16_t target, std::uint8_t flags) {
  return facts.protocol == Protocol::tcp ? frame.tcp(source, target, flags) : frame.udp(source, target);
}

}  // namespace

World site(std::size_t workers) {
  World world = two_port_world();
  world.workers = workers;
  for (std::size_t number = 0; number < kFacts.size(); ++number) world.services.push_back(described(number));
  return world;
}

std::string vip_of(Service service) { return kFacts[service].vip; }
std::string client_of(const Flow& flow) { return !flow.client.empty() ? flow.client : is_ipv6(flow.service) ? "fd00::5" : "10.0.0.5"; }
bool is_ipv6(Service service) { return address(kFacts[service].vip).family == Family::ipv6; }
bool is_direct(Service service) { return kFacts[service].method == l2_dsr; }
std::string name_of(Service service) { return service < kFacts.size() ? kFacts[service].name : "service " + std::to_string(service); }
std::string address_of(Service service, unsigned server) { return (is_ipv6(service) ? "fd01::" : "10.0.1.") + std::to_string(server); }

Frame from_client(const Flow& flow, std::uint8_t flags) {
  const Facts& facts = kFacts[flow.service];
  return with_ports(frame().eth(kNode0, kClient).ip(client_of(flow), facts.vip), facts, flow.port, facts.port, flags);
}

Frame from_server(const Flow& flow, unsigned server, std::uint8_t flags) {
  const Facts& facts = kFacts[flow.service];
  return with_ports(frame().eth(kNode1, server_mac(server)).ip(address_of(flow.service, server), client_of(flow)), facts, facts.server_port,
                    flow.port, flags);
}

Frame at_server(const Flow& flow, unsigned server, std::uint8_t flags) {
  const Facts& facts = kFacts[flow.service];
  const std::string target = facts.method == nat ? address_of(flow.service, server) : facts.vip;
  return with_ports(frame().eth(server_mac(server), kNode1).ip(client_of(flow), target).ttl(63), facts, flow.port, facts.server_port,
                    flags);
}

Frame at_client(const Flow& flow, std::uint8_t flags) {
  const Facts& facts = kFacts[flow.service];
  return with_ports(frame().eth(kClient, kNode0).ip(facts.vip, client_of(flow)).ttl(63), facts, facts.port, flow.port, flags);
}

Lines leaves(PortId port, const Frame& frame) {
  std::string line{"p"};
  line += std::to_string(index(port)) + ": " + to_line(frame.bytes());
  return {line};
}

}  // namespace tandem::test
