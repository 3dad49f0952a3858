/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Which frames are Tandem's and which the kernel's, for AF_XDP (steer.bpf.c) and AF_PACKET (ingress_drop.bpf.c) alike:
 * - IPv4 and IPv6 to a VIP, whatever follows: any port and protocol, so fragments and ICMP too. A prefix of VIPs does not have the
 *   addresses of either node that lie in it;
 * - ARP requests and neighbour solicitations whose target is a VIP; with a pair, ARP answers to a question without a sender;
 * - TCP and UDP to one of our MACs from a nat backend's (address, protocol, port), unless the destination is the node's own
 *   address: that is a health check's answer, or SSH;
 * - by the same rule, later fragments of such a backend's address and protocol, at whatever port: their first one alone names it;
 * - ICMP errors to one of our MACs, from whomever, about TCP or UDP to a nat backend's (address, protocol, port), unless the
 *   destination is the node's own address: the client is told through Tandem, which alone knows the VIP it had asked;
 * - IPv4 and IPv6 to a group's virtual MAC, which the kernel would not take anyway. Unless the group is active here and routes
 *   what its servers send to others than clients: then what is of no service and no fragment is the kernel's, by the port's MAC;
 * - with a pair: VRRP, and UDP from an address of the other node to the node's own and the pair's port.
 * All else is the kernel's. A frame too short to tell is the kernel's too: it drops it. One VLAN tag is looked through. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/headers.bpf.h"
#include "dataplane/bpf/steer_maps.h"

/* The furthest byte a rule reads: Ethernet, tag, and an ICMP error between two IPv4 headers with all their options, then ports and
 * what comes with them. */
#define STEER_HEADERS (14 + 4 + 60 + 8 + 60 + 8)

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STEER_MAX_VIPS);
  __type(key, struct SteerAddress);
  __type(value, __u32);
} vips SEC(".maps");

/* A trie has no room of its own beforehand: the kernel asks for the flag. */
struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, STEER_MAX_PREFIXES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct SteerPrefix);
  __type(value, __u32);
} vip_prefixes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STEER_MAX_BACKENDS);
  __type(key, struct SteerEndpoint);
  __type(value, __u32);
} backends SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STEER_MAX_NODE_ADDRESSES);
  __type(key, struct SteerAddress);
  __type(value, __u32);
} node_addresses SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STEER_MAX_MACS);
  __type(key, struct SteerMac);
  __type(value, __u32);
} node_macs SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STEER_MAX_PEERS);
  __type(key, struct SteerAddress);
  __type(value, __u32);
} peers SEC(".maps");

/* One entry at 0, while there is a pair. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} pair_port SEC(".maps");

/* Two entries, 0 and 1: the port's own MAC. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u32);
} own_mac SEC(".maps");

/* Whose a frame is. ROUTED: the kernel's, once its target is the port's own MAC. */
enum Owner { KERNEL, OURS, ROUTED };

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_FRAGMENT = 44, PROTOCOL_ICMPV6 = 58, PROTOCOL_VRRP = 112 };
enum { ARP_REQUEST = 1, ARP_REPLY = 2, ND_SOLICIT = 135 };
enum { ICMP_UNREACHABLE = 3, ICMP_EXCEEDED = 11, ICMP_PARAMETER = 12, ICMPV6_FIRST_ERROR = 1, ICMPV6_LAST_ERROR = 4 };

static __always_inline int is_node_address(struct SteerAddress address) { return bpf_map_lookup_elem(&node_addresses, &address) != 0; }

static __always_inline int is_vip(struct SteerAddress address) {
  if (bpf_map_lookup_elem(&vips, &address)) return 1;
  struct SteerPrefix all = {.length = 128};
  __builtin_memcpy(all.address, address.bytes, 16);
  return bpf_map_lookup_elem(&vip_prefixes, &all) && !is_node_address(address) && !bpf_map_lookup_elem(&peers, &address);
}

/* The flags of the group's MAC that a frame is for; 0: of none. 00:00:5e:00 begins them all (RFC 9568 7.3), so other frames are
 * spared the look-up. */
static __always_inline __u32 virtual_mac(const struct Ethernet* ethernet) {
  const unsigned char* to = ethernet->target;
  if (to[0] != 0 || to[1] != 0 || to[2] != 0x5e || to[3] != 0) return 0;
  struct SteerMac mac = {};
  __builtin_memcpy(mac.bytes, to, 6);
  const __u32* flags = bpf_map_lookup_elem(&node_macs, &mac);
  return flags && (*flags & STEER_VIRTUAL_MAC) ? *flags : 0;
}

/* Of a frame to a group's MAC that may be of no service: fragments name no port, so they are not the kernel's to judge. */
static __always_inline enum Owner by_group(__u32 flags, int is_reply, int is_fragment) {
  return (flags & STEER_TRANSIT) && !is_reply && !is_fragment ? ROUTED : OURS;
}

static __always_inline int is_pair_traffic(struct SteerAddress source, struct SteerAddress target, int multicast, __u8 protocol,
                                           const __be16* ports, const void* end) {
  if (protocol != PROTOCOL_VRRP && protocol != PROTOCOL_UDP) return 0;
  const __u32 place = 0, *port = bpf_map_lookup_elem(&pair_port, &place);
  if (!port) return 0;
  if (protocol == PROTOCOL_VRRP) return multicast || is_node_address(target);
  if ((const void*)(ports + 2) > end || ports[1] != (__be16)*port) return 0;
  return bpf_map_lookup_elem(&peers, &source) && is_node_address(target);
}

static __always_inline int is_backend(struct SteerAddress address, __u8 protocol, __be16 port) {
  struct SteerEndpoint end = {.port = port, .protocol = protocol};
  __builtin_memcpy(end.address, address.bytes, 16);
  if (bpf_map_lookup_elem(&backends, &end)) return 1;
  end.port = 0;
  end.any_port = 1;
  const __u32* ports = bpf_map_lookup_elem(&backends, &end);
  return ports && *ports != 0 && bpf_ntohs(port) >= *ports >> 16 && bpf_ntohs(port) <= (*ports & 0xffff);
}

/* By way of us, and not to us. */
static __always_inline int is_to_others(const struct Ethernet* ethernet, struct SteerAddress target) {
  struct SteerMac mac = {};
  __builtin_memcpy(mac.bytes, ethernet->target, 6);
  return bpf_map_lookup_elem(&node_macs, &mac) && !is_node_address(target);
}

/* The port is the first field of TCP and UDP alike. */
static __always_inline int is_reply(const struct Ethernet* ethernet, struct SteerAddress source, struct SteerAddress target, __u8 protocol,
                                    const __be16* source_port, const void* end) {
  if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) return 0;
  if ((const void*)(source_port + 1) > end) return 0;
  return is_backend(source, protocol, *source_port) && is_to_others(ethernet, target);
}

/* Of a fragment behind the first one. */
static __always_inline int is_later_of_reply(const struct Ethernet* ethernet, struct SteerAddress source, struct SteerAddress target,
                                             __u8 protocol) {
  struct SteerEndpoint end = {.protocol = protocol, .any_port = 1};
  __builtin_memcpy(end.address, source.bytes, 16);
  return bpf_map_lookup_elem(&backends, &end) != 0 && is_to_others(ethernet, target);
}

/* Behind a fragment header at once; behind others no port is looked for. */
static __always_inline int is_reply6_in_fragments(const struct Ethernet* ethernet, struct SteerAddress source, struct SteerAddress target,
                                                  const struct FragmentHeader* fragment, const void* end) {
  if ((const void*)(fragment + 1) > end) return 0;
  if (fragment->offset & bpf_htons(0xfff8)) return is_later_of_reply(ethernet, source, target, fragment->next_header);
  return is_reply(ethernet, source, target, fragment->next_header, (const void*)(fragment + 1), end);
}

/* What an error quotes behind the IP header: ports, and at least as much again (RFC 792). */
static __always_inline int quotes_backend(struct SteerAddress target, __u8 protocol, const __be16* ports, const void* end) {
  if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) return 0;
  if ((const void*)(ports + 4) > end) return 0;
  return is_backend(target, protocol, ports[1]);
}

static __always_inline int is_error_about_backend4(const struct Icmp* icmp, const void* end) {
  const struct Ipv4* quoted = (const void*)(icmp + 1);
  if ((const void*)(quoted + 1) > end) return 0;
  if (icmp->type != ICMP_UNREACHABLE && icmp->type != ICMP_EXCEEDED && icmp->type != ICMP_PARAMETER) return 0;
  const __u32 header_bytes = (quoted->version_words & 0x0f) * 4;
  if (quoted->version_words >> 4 != 4 || header_bytes < sizeof *quoted || (quoted->fragment & bpf_htons(0x1fff))) return 0;
  return quotes_backend(from_ipv4(quoted->target), quoted->protocol, (const void*)quoted + header_bytes, end);
}

/* Behind quoted extension headers no port is looked for, as in replies. */
static __always_inline int is_error_about_backend6(const struct Icmp* icmp, const void* end) {
  const struct Ipv6* quoted = (const void*)(icmp + 1);
  if ((const void*)(quoted + 1) > end) return 0;
  if (icmp->type < ICMPV6_FIRST_ERROR || icmp->type > ICMPV6_LAST_ERROR || quoted->version_class >> 4 != 6) return 0;
  return quotes_backend(from_ipv6(quoted->target), quoted->next_header, (const void*)(quoted + 1), end);
}

/* An answer to nobody's address is to a question without a sender: a worker's, which asks whether it is heard (RFC 5227 1.1). */
static __always_inline int answers_a_probe(const struct Arp* arp) {
  const __u32 place = 0;
  return arp->target[0] == 0 && arp->target[1] == 0 && arp->target[2] == 0 && arp->target[3] == 0 &&
         bpf_map_lookup_elem(&pair_port, &place) != 0;
}

static __always_inline int is_our_arp(const void* header, const void* end) {
  const struct Arp* arp = header;
  if ((const void*)(arp + 1) > end) return 0;
  if (arp->hardware != bpf_htons(1) || arp->protocol != bpf_htons(ETH_P_IP) || arp->hardware_bytes != 6 || arp->protocol_bytes != 4)
    return 0;
  if (arp->operation == bpf_htons(ARP_REPLY)) return answers_a_probe(arp);
  return arp->operation == bpf_htons(ARP_REQUEST) && is_vip(from_ipv4(arp->target));
}

static __always_inline enum Owner owner_of_ipv4(const struct Ethernet* ethernet, const void* header, const void* end) {
  const struct Ipv4* ip = header;
  if ((const void*)(ip + 1) > end || ip->version_words >> 4 != 4) return KERNEL;
  const struct SteerAddress source = from_ipv4(ip->source), target = from_ipv4(ip->target);
  if (is_vip(target)) return OURS;
  const __u32 group = virtual_mac(ethernet), header_bytes = (ip->version_words & 0x0f) * 4;
  const void* ports = header + header_bytes;
  /* Only a fragment at offset 0 has ports. */
  const int has_ports = !(ip->fragment & bpf_htons(0x1fff)) && header_bytes >= sizeof *ip;
  const int is_fragment = (ip->fragment & bpf_htons(0x3fff)) != 0;
  const int error = ip->protocol == PROTOCOL_ICMP && !is_fragment && header_bytes >= sizeof *ip && is_error_about_backend4(ports, end) &&
                    is_to_others(ethernet, target);
  const int later = (ip->fragment & bpf_htons(0x1fff)) != 0 && is_later_of_reply(ethernet, source, target, ip->protocol);
  const int reply = error || later || (has_ports && is_reply(ethernet, source, target, ip->protocol, ports, end));
  if (group) return by_group(group, reply, is_fragment);
  return reply || (has_ports && is_pair_traffic(source, target, ip->target[0] >> 4 == 0xe, ip->protocol, ports, end)) ? OURS : KERNEL;
}

static __always_inline enum Owner owner_of_icmpv6(const void* header, const void* end) {
  const struct Solicitation* ask = header;
  if ((const void*)(ask + 1) > end) return KERNEL;
  return ask->type == ND_SOLICIT && ask->code == 0 && is_vip(from_ipv6(ask->target)) ? OURS : KERNEL;
}

static __always_inline enum Owner owner_of_ipv6(const struct Ethernet* ethernet, const void* header, const void* end) {
  const struct Ipv6* ip = header;
  if ((const void*)(ip + 1) > end || ip->version_class >> 4 != 6) return KERNEL;
  const struct SteerAddress source = from_ipv6(ip->source), target = from_ipv6(ip->target);
  if (is_vip(target)) return OURS;
  const __u32 group = virtual_mac(ethernet);
  const int error =
      ip->next_header == PROTOCOL_ICMPV6 && is_error_about_backend6((const void*)(ip + 1), end) && is_to_others(ethernet, target);
  const int is_fragment = ip->next_header == PROTOCOL_FRAGMENT;
  const int reply = error || (is_fragment ? is_reply6_in_fragments(ethernet, source, target, (const void*)(ip + 1), end)
                                          : is_reply(ethernet, source, target, ip->next_header, (const void*)(ip + 1), end));
  if (group) return by_group(group, reply, is_fragment);
  if (ip->next_header == PROTOCOL_ICMPV6 && !error) return owner_of_icmpv6((const void*)(ip + 1), end);
  return reply || is_pair_traffic(source, target, ip->target[0] == 0xff, ip->next_header, (const void*)(ip + 1), end) ? OURS : KERNEL;
}

/* False: the port's MAC is not known, so nothing was changed. */
static __always_inline int read_own_mac(unsigned char* mac) {
  const __u32 first = 0, second = 1;
  const __u32 *four = bpf_map_lookup_elem(&own_mac, &first), *two = bpf_map_lookup_elem(&own_mac, &second);
  if (!four || !two) return 0;
  __builtin_memcpy(mac, four, 4);
  __builtin_memcpy(mac + 4, two, 2);
  return 1;
}

static __always_inline enum Owner owner_of(const void* frame, const void* end) {
  const struct Ethernet* ethernet = frame;
  const void* header = ethernet + 1;
  if (header > end) return KERNEL;
  __be16 type = ethernet->type;
  if (type == bpf_htons(ETH_P_8021Q)) {
    const struct Vlan* tag = header;
    header = tag + 1;
    if (header > end) return KERNEL;
    type = tag->type;
  }
  if (type == bpf_htons(ETH_P_IP)) return owner_of_ipv4(ethernet, header, end);
  if (type == bpf_htons(ETH_P_IPV6)) return owner_of_ipv6(ethernet, header, end);
  return type == bpf_htons(ETH_P_ARP) && is_our_arp(header, end) ? OURS : KERNEL;
}
