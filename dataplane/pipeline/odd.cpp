// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/odd.h"

#include <algorithm>

#include "dataplane/local/arp.h"
#include "dataplane/local/icmp_echo.h"
#include "dataplane/local/ndp.h"
#include "dataplane/packet/icmp.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/fragment.h"
#include "dataplane/pipeline/icmp_error.h"
#include "dataplane/pipeline/judge_link.h"
#include "dataplane/pipeline/judge_source.h"
#include "dataplane/pipeline/later_fragment.h"
#include "dataplane/pipeline/pair_traffic.h"

namespace tandem {

namespace {

bool is_known(const Pass& pass, const IpAddress& source) noexcept {
  return std::binary_search(pass.generation.known_sources->begin(), pass.generation.known_sources->end(), source);
}

// A backend that was asked for a VIP answers the node by that address. Nobody else has reason to.
bool answers_check(const Pass& pass, const Packet& packet, const IpAddress& vip) noexcept {
  return packet.is_tcp() && is_known(pass, vip) && is_node_address(pass.generation, packet.target());
}

void punt(const Pass& pass, Packet& packet, PuntClass punt_class, DropReason without_twin) noexcept {
  if (pass.ports[packet.port].twin == TwinKind::none) return pass.batch.drop(packet, without_twin);
  pass.batch.punt(packet, punt_class);
}

void send_answer(const Pass& pass, Packet& packet) noexcept {
  pass.counters().consumed.add();
  pass.counters().originated.add();
  pass.batch.transmit(packet, packet.port);
}

void settle(const Pass& pass, Packet& packet, const Answer& answer) noexcept {
  if (answer.kind == Answer::Kind::answered) return send_answer(pass, packet);
  if (answer.kind == Answer::Kind::dropped) return pass.batch.drop(packet, answer.reason);
  note_witness(pass, packet);
  punt(pass, packet, PuntClass::control, DropReason::no_twin);
}

void answer_echo(const Pass& pass, Packet& packet, const Respondent& respondent) noexcept {
  if (respondent.who == Respondent::Who::other_node) return pass.batch.drop(packet, DropReason::standby_vip);
  if (const DropReason wrong = judge_source(pass, packet, kNoService); wrong != DropReason::count_) return pass.batch.drop(packet, wrong);
  become_echo_reply(packet, port_of(pass, packet).mac);
  send_answer(pass, packet);
}

// To a VIP, or to an address of ours on a port whose kernel will never see it.
void classify_ours(const Pass& pass, Packet& packet, const Respondent& respondent) noexcept {
  if (packet.kind == PacketKind::malformed_l4) return pass.batch.drop(packet, packet.reason);
  if (is_echo_request(packet)) return answer_echo(pass, packet, respondent);
  pass.batch.drop(packet, DropReason::unsupported_protocol);
}

void classify_ip(const Pass& pass, Packet& packet) noexcept {
  if (is_neighbour_discovery(packet)) return settle(pass, packet, answer_ndp(packet, pass.generation, pass.context.roles));
  if (packet.eth().target.is_multicast()) return give_to_node(pass, packet);  // never forwarded (RFC 1812 5.3.4)
  if (packet.kind == PacketKind::transport) return sort_transport(pass, packet);
  if (is_icmp_error(packet) && carry_icmp_error(pass, packet)) return;
  if (packet.kind == PacketKind::fragment && take_fragment(pass, packet)) return;
  const bool vip = pass.generation.index->find_vip(packet.target()) != nullptr;
  const Respondent respondent = respondent_for(pass.generation, pass.context.roles, packet, packet.target());
  const bool asked = is_echo_request(packet) && respondent.who != Respondent::Who::nobody;
  if (vip || asked) return classify_ours(pass, packet, respondent);
  give_to_node(pass, packet);
}

// An error that another worker found to be about one of our connections still is, or its generation was another.
void sort_error(const Pass& pass, Packet& packet) noexcept {
  if (!carry_icmp_error(pass, packet)) pass.batch.drop(packet, DropReason::icmp_error_unknown_flow);
}

// By another worker, or later than it came.
void sort_parsed(const Pass& pass, Packet& packet) noexcept {
  switch (packet.kind) {
    case PacketKind::fragment:
      return take_handed_fragment(pass, packet);
    case PacketKind::later_fragment:
      return sort_later_fragment(pass, packet);
    case PacketKind::icmp:
      return sort_error(pass, packet);
    default:
      return sort_transport(pass, packet);
  }
}

// Whether the node shall have a frame that came to a group's MAC. Its kernel takes frames to its own alone.
bool take_by_group(const Pass& pass, Packet& packet, const VirtualMac& by, bool transit) noexcept {
  if (transit && transit_of(pass.generation, by.group) == Transit::drop) {
    pass.batch.drop(packet, DropReason::transit);
    return false;
  }
  packet.eth().target = port_of(pass, packet).mac;
  return true;
}

}  // namespace

void give_to_node(const Pass& pass, Packet& packet) noexcept {
  const IpAddress source = packet.source();
  if (pass.generation.index->find_vip(source) != nullptr && !answers_check(pass, packet, source))
    return pass.batch.drop(packet, DropReason::source_is_vip);
  if (take_pair_traffic(pass, packet)) return;
  const VirtualMac* by = virtual_target(pass, packet);
  const bool transit = by != nullptr && !is_node_address(pass.generation, packet.target());
  if (by != nullptr && !take_by_group(pass, packet, *by, transit)) return;
  const PuntClass other = transit || is_known(pass, source) ? PuntClass::known : PuntClass::rest;
  punt(pass, packet, packet.protocol == kVrrp ? PuntClass::control : other, DropReason::no_twin);
}

void classify_odd(const Pass& pass, Packet& packet) noexcept {
  if (const DropReason wrong = judge_link(pass, packet); wrong != DropReason::count_) return pass.batch.drop(packet, wrong);
  if (packet.kind == PacketKind::arp) return settle(pass, packet, answer_arp(packet, pass.generation, pass.context.roles));
  if (packet.kind == PacketKind::other_ethernet) return punt(pass, packet, PuntClass::rest, DropReason::bad_ethernet_type);
  classify_ip(pass, packet);
}

void classify_from_inside(const Pass& pass, Packet& packet) noexcept {
  if (packet.origin != Origin::injected) return sort_parsed(pass, packet);
  if (!pass.ports[packet.port].up) return pass.batch.drop(packet, DropReason::port_down);
  pass.batch.transmit(packet, packet.port);
}

}  // namespace tandem
