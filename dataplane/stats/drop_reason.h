// SPDX-License-Identifier: Apache-2.0
// Why a packet was not forwarded: the one table. Counters, metrics, CLI, trace and manual take names and texts from here.
// Every packet that is dropped has exactly one of these.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tandem {

enum class DropReason : std::uint8_t {
  truncated,
  bad_ethernet_type,
  bad_ip_header,
  bad_ip_checksum,
  bad_l4_header,
  bad_extension_header,
  bad_arp,
  bad_neighbour_discovery,
  super_frame,
  not_for_us,
  standby_mac,
  own_frame,
  unknown_vlan,
  source_is_vip,
  standby_vip,
  martian_source,
  bad_fragment,
  tiny_fragment,
  overlapping_fragment,
  too_many_fragments,
  fragment_no_room,
  fragment_timed_out,
  fragment_without_connection,
  fragment_changes_family,
  bad_icmp_checksum,
  bad_icmp_quote,
  icmp_quotes_fragment,
  icmp_error_unknown_flow,
  ttl_expired,
  no_service,
  unsupported_protocol,
  no_backend,
  pool_exhausted,
  needs_entry,
  before_proxy_header,
  reply_without_connection,
  transit,
  no_route,
  unresolved_neighbour,
  hold_full,
  mtu_exceeded,
  handover_full,
  no_twin,
  punt_limited_control,
  punt_limited_known,
  punt_limited_rest,
  punt_full,
  vrrp_ttl,
  pair_limited,
  pair_queue_full,
  late_heartbeat,
  no_buffer,
  nic_missed,
  nic_error,
  tx_refused,
  port_down,
  count_,
};

struct DropReasonText {
  std::string_view name;  // as metrics and `tandemctl drops --reason` spell it
  std::string_view text;  // what happened, for the operator
};

inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::count_);

inline constexpr std::array<DropReasonText, kDropReasons> kDropReasonTexts{{
    {"truncated", "the frame ends before a header or length that it announces"},
    {"bad_ethernet_type", "neither IPv4, IPv6 nor ARP, and nobody to give it to"},
    {"bad_ip_header", "version, header length or total length cannot be right"},
    {"bad_ip_checksum", "the IPv4 header's checksum is wrong"},
    {"bad_l4_header", "the TCP or UDP header's length cannot be right"},
    {"bad_extension_header", "IPv6 extension headers too long, too many or out of place (RFC 8200 4.1)"},
    {"bad_arp", "an ARP packet that RFC 826 does not allow"},
    {"bad_neighbour_discovery", "a neighbour solicitation or advertisement that RFC 4861 7.1 tells to discard"},
    {"super_frame", "longer than the port's MTU: segmentation offload is still on at the sender"},
    {"not_for_us", "the destination MAC is not one of ours"},
    {"standby_mac", "to a group's MAC while the other node has the group"},
    {"own_frame", "the source MAC is our own: a frame that came back"},
    {"unknown_vlan", "tagged for a VLAN this port does not serve"},
    {"source_is_vip", "the source address is one of our VIPs: spoofed or looped"},
    {"standby_vip", "asks for, or announces, a VIP that the other node answers for"},
    {"martian_source", "a source address nobody may send from: multicast, broadcast, loopback or unspecified"},
    {"bad_fragment", "a fragment that is empty, unaligned though more follow, or ends where its datagram cannot (RFC 791, RFC 8200 4.5)"},
    {"tiny_fragment", "a first fragment without its whole TCP or UDP header, or one that begins within it (RFC 3128, RFC 7112)"},
    {"overlapping_fragment", "overlaps another of its datagram, of which nothing is forwarded any more (RFC 1858, RFC 5722)"},
    {"too_many_fragments", "of a datagram of which 16 wait for the first, or that has more gaps than that"},
    {"fragment_no_room", "waited for its datagram's first fragment until newer datagrams needed the room"},
    {"fragment_timed_out", "waited a second for its datagram's first fragment"},
    {"fragment_without_connection", "a later fragment whose first one left no connection to follow"},
    {"fragment_changes_family", "full-nat between IPv4 and IPv6 does not translate fragments (RFC 7915)"},
    {"bad_icmp_checksum", "an ICMP error whose checksum is wrong"},
    {"bad_icmp_quote", "an ICMP error whose quoted packet is cut short, damaged, or none that its target can have sent"},
    {"icmp_quotes_fragment", "an ICMP error about a later fragment, which names no port"},
    {"icmp_error_unknown_flow", "an ICMP error about no connection that is known here"},
    {"ttl_expired", "TTL or hop limit was 1: forwarding would make it 0; its sender is told"},
    {"no_service", "to a VIP, but no service listens at that protocol and port"},
    {"unsupported_protocol", "to a VIP, but neither TCP, UDP, an ICMP echo nor an ICMP error about a connection"},
    {"no_backend", "the service has no backend that may take the packet"},
    {"pool_exhausted", "full-nat: all ports of the group's pool addresses are taken"},
    {"needs_entry", "full-nat forwards by its entry alone: unknown in mid-flow, or the table has no room"},
    {"before_proxy_header",
     "full-nat: would reach the backend before the PROXY header, or in its place: a fragment, or ahead of the first byte"},
    {"reply_without_connection", "from a backend, but no connection and not exactly one service it could belong to"},
    {"transit", "from a server to elsewhere by way of a group's gateway; [[group]] transit is drop"},
    {"no_route", "no route to the next hop's network"},
    {"unresolved_neighbour", "the next hop's MAC did not become known in time"},
    {"hold_full", "too many packets wait for neighbours to be resolved"},
    {"mtu_exceeded", "longer than the outgoing port's MTU; its sender is told where it forbade fragments, or is IPv6"},
    {"handover_full", "the owning worker's ring had no room"},
    {"no_twin", "not for a service, and the port has no kernel device to give it to"},
    {"punt_limited_control", "for the kernel, over the rate kept for ARP, neighbour discovery and routing"},
    {"punt_limited_known", "for the kernel, over the rate kept for backends, gateways and the peer"},
    {"punt_limited_rest", "for the kernel, over the rate kept for everybody else"},
    {"punt_full", "for the kernel, but the ring to it had no room"},
    {"vrrp_ttl", "a VRRP advertisement whose TTL or hop limit is not 255: it came from beyond this LAN (RFC 9568 5.1)"},
    {"pair_limited", "for the pair, over the rate that is kept for its own traffic"},
    {"pair_queue_full", "for the pair, but the ring to its thread had no room"},
    {"late_heartbeat", "a heartbeat of our own that its worker came to only after its deadline"},
    {"no_buffer", "no packet buffer was free"},
    {"nic_missed", "the device had no room: workers were too slow for its queue"},
    {"nic_error", "the device reported the frame as damaged"},
    {"tx_refused", "the transmit queue had no room"},
    {"port_down", "the outgoing port has no link"},
}};

constexpr std::string_view name_of(DropReason reason) { return kDropReasonTexts[static_cast<std::size_t>(reason)].name; }

}  // namespace tandem
