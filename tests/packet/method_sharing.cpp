// SPDX-License-Identifier: Apache-2.0
// What workers share, and the nodes of a pair, at every forwarding method.
#include "tests/packet/method_site.h"
#include "tests/packet/pair_site.h"

namespace tandem::test {
namespace {

class MethodWorkers : public MethodScenario {
 protected:
  MethodWorkers() : MethodScenario{4} {}

  // Received by this worker, forwarded by whoever owns it.
  Lines hears(PortId port, const Frame& frame, std::size_t worker) {
    const Lines lines = receive(port, {frame.bytes()}, worker % 4);
    if (lines.size() != 1 || !lines[0].starts_with("hand over to ")) return lines;
    ++handed;
    return deliver();
  }
  unsigned handed = 0;
};
INSTANTIATE_TEST_SUITE_P(Ways, MethodWorkers, testing::ValuesIn(ways()), name_of_way);

TEST_P(MethodWorkers, WhoeverReceivesAPacketItsOwnerForwardsIt) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    for (std::uint16_t port = 1; port <= 12; ++port) {
      Talk talk{protocol, port};
      learn(talk, hears(kP0, from_client(talk, kTcpSyn), port));
      EXPECT_EQ(hears(kP0, from_client(talk), port + 1U), reaches_server(talk, at_server(talk)));
      if (!is_two_way()) continue;
      EXPECT_EQ(hears(kP1, from_server(talk), port + 2U), reaches_client(at_client(talk)));
    }
  }
  EXPECT_GT(handed, 20U);
  EXPECT_EQ(entries(), 24U);
}

class MethodGroups : public MethodScenario {
 protected:
  MethodGroups() {
    world.groups.resize(1);
    for (const std::string& held : {vip(), std::string{"10.0.1.240"}, std::string{"fd01::240"}}) world.group_of[address(held)] = kFirst;
    world.ports[0].virtual_macs = {{mac(kFirstMac), 0, kFirst}, {mac(kFirstMac6), 0, kFirst}};
    world.ports[1].virtual_macs = {{mac(kGatewayMac), 0, kFirst}, {mac(kGatewayMac6), 0, kFirst}};
    publish();
    take_roles(roles_of({kFirst}, true));
  }
  std::string_view front() const { return clients_are_ipv6() ? kFirstMac6 : kFirstMac; }
  std::string_view back() const { return GetParam().servers == Family::ipv6 ? kGatewayMac6 : kGatewayMac; }
};
INSTANTIATE_TEST_SUITE_P(Ways, MethodGroups, testing::ValuesIn(ways()), name_of_way);

TEST_P(MethodGroups, ByTheGroupsMacsOnBothSides) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    Talk talk{protocol, 40000};
    learn(talk, client_sends(from_client(talk, kTcpSyn).eth(front(), kClient)));
    EXPECT_EQ(client_sends(from_client(talk).eth(front(), kClient)), reaches_server(talk, at_server(talk)));
    if (!is_two_way()) continue;
    EXPECT_EQ(server_sends(from_server(talk).eth(back(), server_mac(talk.server))), reaches_client(at_client(talk)))
        << "forwarded frames carry the port's own MAC";
  }
}

TEST_P(MethodGroups, WhileTheOtherNodeHasTheGroupNothingIsForwarded) {
  const Talk talk{Protocol::tcp, 40000};
  take_roles(roles_of({}, true));
  EXPECT_EQ(client_sends(from_client(talk, kTcpSyn).eth(front(), kClient)), Lines{"drop standby_mac"});
  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace tandem::test
