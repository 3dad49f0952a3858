/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Sends health checks the way clients' packets go (docs/design/health.md), on clsact of the interfaces beside our ports.
 * A check's socket is connected to TCP port 0 of its backend, so the kernel knows the route and the backend's MAC, and its DSCP says
 * which VIP is meant. On the way out the VIP stands in the backend's place, and a tunnel's headers in front where there is one. What
 * the VIP answers to the node's own address bears the backend's address again on the way in.
 * Nobody else sends to TCP port 0: a probe that no program turns round is refused, and a frame of anybody else's goes on as it is. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/headers.bpf.h"
#include "dataplane/bpf/vip_probe_maps.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, PROBE_MAX_WAYS);
  __type(key, struct ProbeKey);
  __type(value, struct ProbeWay);
} ways SEC(".maps");

/* Each connection twice: as the wire has it and as its socket has it. A socket that is gone leaves segments without a mark (RST). */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, PROBE_MAX_CONNECTIONS);
  __type(key, struct ProbeEnd);
  __type(value, struct ProbeOwner);
} connections SEC(".maps");

enum { TCP = 6, TCP_CHECKSUM = 16, IPV4_CHECKSUM = 10, DSCP_BITS = 0xfc, CONGESTION_BITS = 3 };

/* A TCP segment without options or headers in between, and where its parts are. */
struct Segment {
  struct SteerAddress source, target;
  __be16 source_port, target_port;
  __u8 is_ipv4, traffic_class;
  __be16 ip_bytes; /* IPv4: all of it; IPv6: behind the header */
};

static __always_inline __u32 transport_of(const struct Segment* segment) {
  return sizeof(struct Ethernet) + (segment->is_ipv4 ? sizeof(struct Ipv4) : sizeof(struct Ipv6));
}

static __always_inline int read_ipv4(struct __sk_buff* frame, struct Segment* segment) {
  struct Ipv4 ip;
  if (bpf_skb_load_bytes(frame, sizeof(struct Ethernet), &ip, sizeof ip)) return 0;
  if (ip.version_words != 0x45 || ip.protocol != TCP || (ip.fragment & bpf_htons(0x3fff))) return 0;
  segment->source = from_ipv4(ip.source), segment->target = from_ipv4(ip.target);
  segment->is_ipv4 = 1, segment->traffic_class = ip.tos, segment->ip_bytes = ip.total_bytes;
  return 1;
}

static __always_inline int read_ipv6(struct __sk_buff* frame, struct Segment* segment) {
  struct Ipv6 ip;
  if (bpf_skb_load_bytes(frame, sizeof(struct Ethernet), &ip, sizeof ip)) return 0;
  if (ip.version_class >> 4 != 6 || ip.next_header != TCP) return 0;
  segment->source = from_ipv6(ip.source), segment->target = from_ipv6(ip.target);
  segment->is_ipv4 = 0, segment->traffic_class = (__u8)(ip.version_class << 4 | ip.class_flow >> 4), segment->ip_bytes = ip.payload_bytes;
  return 1;
}

static __always_inline int read_segment(struct __sk_buff* frame, struct Segment* segment) {
  __be16 ports[2];
  const int is_ip = frame->protocol == bpf_htons(ETH_P_IP)     ? read_ipv4(frame, segment)
                    : frame->protocol == bpf_htons(ETH_P_IPV6) ? read_ipv6(frame, segment)
                                                               : 0;
  if (!is_ip || bpf_skb_load_bytes(frame, transport_of(segment), ports, sizeof ports)) return 0;
  segment->source_port = ports[0], segment->target_port = ports[1];
  return 1;
}

/* IPv4 addresses lie in the last four of sixteen bytes whose others are alike, so their difference is that of the sixteen. */
static __always_inline int set_address(struct __sk_buff* frame, const struct Segment* segment, int is_target,
                                       const struct SteerAddress* from, const struct SteerAddress* to) {
  const __s64 change = bpf_csum_diff((__be32*)from->bytes, sizeof from->bytes, (__be32*)to->bytes, sizeof to->bytes, 0);
  const __u32 ip = sizeof(struct Ethernet);
  if (bpf_l4_csum_replace(frame, transport_of(segment) + TCP_CHECKSUM, 0, (__u64)change, BPF_F_PSEUDO_HDR)) return 0;
  if (segment->is_ipv4)
    return !bpf_l3_csum_replace(frame, ip + IPV4_CHECKSUM, 0, (__u64)change, 0) &&
           !bpf_skb_store_bytes(frame, ip + (is_target ? 16 : 12), to->bytes + 12, 4, 0);
  /* The helper above takes the sum of a card that summed everything (CHECKSUM_COMPLETE) for changed, as IPv4's header would make it;
   * in IPv6 address and TCP checksum make up for each other. Elsewhere this is refused and does nothing. */
  bpf_csum_update(frame, (__wsum)change);
  return !bpf_skb_store_bytes(frame, ip + (is_target ? 24 : 8), to->bytes, 16, 0);
}

static __always_inline int set_port(struct __sk_buff* frame, const struct Segment* segment, int is_target, __be16 from, __be16 to) {
  const __u32 tcp = transport_of(segment);
  return !bpf_l4_csum_replace(frame, tcp + TCP_CHECKSUM, from, to, sizeof from) &&
         !bpf_skb_store_bytes(frame, tcp + (is_target ? 2 : 0), &to, sizeof to, 0);
}

/* The mark was between the socket and us. */
static __always_inline int clear_mark(struct __sk_buff* frame, const struct Segment* segment) {
  const __u8 kept = segment->traffic_class & CONGESTION_BITS;
  const __u32 ip = sizeof(struct Ethernet);
  if (segment->is_ipv4)
    return !bpf_l3_csum_replace(frame, ip + IPV4_CHECKSUM, bpf_htons(0x4500 | segment->traffic_class), bpf_htons(0x4500 | kept), 2) &&
           !bpf_skb_store_bytes(frame, ip + 1, &kept, 1, 0);
  __u8 first[2];
  if (bpf_skb_load_bytes(frame, ip, first, sizeof first)) return 0;
  first[0] &= 0xf0, first[1] = (__u8)(kept << 4 | (first[1] & 0x0f));
  return !bpf_skb_store_bytes(frame, ip, first, sizeof first, 0);
}

static __always_inline void finish_ipv4(__u8* outer, __u32 bytes) {
  const __be16 total = bpf_htons((__u16)bytes);
  __builtin_memcpy(outer + 2, &total, sizeof total);
  __u32 sum = (__u32)bpf_csum_diff(0, 0, (__be32*)outer, sizeof(struct Ipv4), 0);
  sum = (sum & 0xffff) + (sum >> 16), sum = (sum & 0xffff) + (sum >> 16);
  const __u16 checksum = (__u16)~sum;
  __builtin_memcpy(outer + IPV4_CHECKSUM, &checksum, sizeof checksum);
}

/* Outer and inner header are of one family, which is the backend's. */
static __always_inline int encapsulate(struct __sk_buff* frame, const struct Segment* segment, const struct ProbeWay* way) {
  __u8 outer[sizeof way->headers];
  const __u32 bytes = way->bytes, outer_bytes = way->outer_bytes, inside = bpf_ntohs(segment->ip_bytes);
  if (bytes < sizeof(struct Ipv4) || bytes > sizeof outer) return 0;
  __builtin_memcpy(outer, way->headers, sizeof outer);
  const __be16 behind = bpf_htons((__u16)(bytes - outer_bytes + (segment->is_ipv4 ? 0 : sizeof(struct Ipv6)) + inside));
  if (segment->is_ipv4) finish_ipv4(outer, bytes + inside);
  else __builtin_memcpy(outer + 4, &behind, sizeof behind);
  if (bytes > outer_bytes) __builtin_memcpy(outer + (segment->is_ipv4 ? 20 : 40) + 4, &behind, sizeof behind);
  const __u64 flags = (segment->is_ipv4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6) |
                      (bytes > outer_bytes ? BPF_F_ADJ_ROOM_ENCAP_L4_UDP : 0);
  return !bpf_skb_adjust_room(frame, (__s32)bytes, BPF_ADJ_ROOM_MAC, flags) &&
         !bpf_skb_store_bytes(frame, sizeof(struct Ethernet), outer, bytes, 0);
}

/* Both ends are known from the first segment on. */
static __always_inline void remember(const struct Segment* segment, const struct ProbeWay* way, __u8 mark) {
  const struct ProbeOwner owner = {.backend = segment->target, .mark = mark};
  const struct ProbeEnd by_socket = {segment->target, segment->source, 0, segment->source_port};
  const struct ProbeEnd by_wire = {way->vip, segment->source, way->port, segment->source_port};
  bpf_map_update_elem(&connections, &by_socket, &owner, BPF_ANY);
  bpf_map_update_elem(&connections, &by_wire, &owner, BPF_ANY);
}

static __always_inline __u8 mark_of(const struct Segment* segment) {
  if (segment->traffic_class & DSCP_BITS) return segment->traffic_class >> 2;
  const struct ProbeEnd by_socket = {segment->target, segment->source, 0, segment->source_port};
  const struct ProbeOwner* owner = bpf_map_lookup_elem(&connections, &by_socket);
  return owner ? owner->mark : 0;
}

SEC("tc")
int probe_out(struct __sk_buff* frame) {
  struct Segment segment = {};
  if (!read_segment(frame, &segment) || segment.target_port != 0) return TC_ACT_UNSPEC;
  const __u8 mark = mark_of(&segment);
  const struct ProbeKey key = {.backend = segment.target, .mark = mark};
  const struct ProbeWay* way = bpf_map_lookup_elem(&ways, &key);
  if (!way) return TC_ACT_UNSPEC;
  remember(&segment, way, mark);
  const int turned = set_address(frame, &segment, 1, &segment.target, &way->vip) && set_port(frame, &segment, 1, 0, way->port) &&
                     clear_mark(frame, &segment) && (way->bytes == 0 || encapsulate(frame, &segment, way));
  return turned ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

SEC("tc")
int probe_in(struct __sk_buff* frame) {
  struct Segment segment = {};
  if (!read_segment(frame, &segment)) return TC_ACT_UNSPEC;
  const struct ProbeEnd by_wire = {segment.source, segment.target, segment.source_port, segment.target_port};
  const struct ProbeOwner* owner = bpf_map_lookup_elem(&connections, &by_wire);
  if (!owner || segment.source_port == 0) return TC_ACT_UNSPEC;
  const int turned =
      set_address(frame, &segment, 0, &segment.source, &owner->backend) && set_port(frame, &segment, 0, segment.source_port, 0);
  return turned ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

char terms[] SEC("license") = "GPL";
