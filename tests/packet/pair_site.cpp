// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/pair_site.h"

namespace tandem::test {

void pair_up(World& world) {
  world.services.push_back(nat_service("10.0.0.102:80", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));
  world.groups.resize(2);
  for (const char* vip : {"10.0.0.100", "fd00::100", "10.0.1.100"}) world.group_of[address(vip)] = kFirst;
  for (const char* vip : {"10.0.0.101", "fd00::101", "10.0.0.102"}) world.group_of[address(vip)] = kSecond;
  world.pair = {true, kPairPort};
  world.ports[0].virtual_macs = {{mac(kFirstMac), 0, kFirst}, {mac(kFirstMac6), 0, kFirst}, {mac(kSecondMac), 0, kSecond}};
  world.ports[1].virtual_macs = {{mac(kGatewayMac), 0, kFirst}, {mac(kGatewayMac6), 0, kFirst}};
  world.ports[0].peers = {{address("10.0.0.2"), 0, mac(kPeer0)}, {address("fd00::2"), 0, mac(kPeer0)}};
  world.ports[1].peers = {{address("10.0.1.2"), 0, mac(kPeer1)}, {address("fd01::2"), 0, mac(kPeer1)}};
}

PairScenario::PairScenario() {
  pair_up(world);
  publish();
  we_have({kFirst, kSecond});
}

Roles roles_of(std::initializer_list<GroupId> groups, bool peer_lives) {
  Roles roles;
  for (const GroupId group : groups) roles.active |= 1U << index(group);
  roles.receives = roles.active;
  if (peer_lives) roles.on_peer = 0b11 & ~roles.active;
  return roles;
}

}  // namespace tandem::test
