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

bool is_arp_reply(const Packet& packet) noexcept { return packet.arp().operation == kReply; }

Answer answer_arp(Packet& packet, const Generation& generation, const Roles& roles) noexcept {
  const ArpHeader& arp = packet.arp();
  if (!is_sound(arp)) return Answer::dropped(DropReason::bad_arp);
  if (const VipEntry* claimed = generation.index->find_vip(arp.sender))
    return Answer::dropped(judge_claim(generation, roles, packet, *claimed));
  if (arp.operation != kRequest) return {};
  const Respondent respondent = respondent_for(generation, roles, packet, IpAddress{arp.target});
  if (respondent.who == Respondent::Who::nobody) return {};
  if (respondent.who == Respondent::Who::other_node) return Answer::dropped(DropReason::standby_vip);
  become_reply(packet, respondent.mac);
  return Answer::answered();
}

}  // namespace tandem
