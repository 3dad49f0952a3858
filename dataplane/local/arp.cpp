// SPDX-License-Identifier: Apache-2.0
#include "dataplane/local/arp.h"

namespace tandem {

namespace {

constexpr Be16 kEthernet{1}, kRequest{1}, kReply{2};

bool is_sound(const ArpHeader& arp) noexcept {
  return arp.hardware == kEthernet && arp.protocol == kEtherIpv4 && arp.hardware_bytes == 6 && arp.protocol_bytes == 4 &&
         (arp.operation == kRequest || arp.operation == kReply) && !arp.sender_mac.is_multicast() && !arp.sender_mac.is_zero();
}

void become_reply(Packet& packet, const MacAddress& own) noexcept {
  ArpHeader& arp = packet.arp();
  const Ipv4Address asked = arp.target;
  turn_around(packet.eth(), own, arp.sender_mac);
  arp.operation = kReply;
  arp.target_mac = arp.sender_mac;
  arp.target = arp.sender;
  arp.sender_mac = own;
  arp.sender = asked;
}

}  // namespace

Answer answer_arp(Packet& packet, const Generation& generation) noexcept {
  const ArpHeader& arp = packet.arp();
  if (!is_sound(arp)) return Answer::dropped(DropReason::bad_arp);
  // Somebody else says that a VIP is his; believing him, or telling our kernel, would help him.
  if (generation.index->find_vip(arp.sender) != nullptr) return Answer::dropped(DropReason::source_is_vip);
  if (arp.operation != kRequest || !answers_for(generation, packet.port, IpAddress{arp.target})) return {};
  become_reply(packet, (*generation.ports)[index(packet.port)].mac);
  return Answer::answered();
}

}  // namespace tandem
