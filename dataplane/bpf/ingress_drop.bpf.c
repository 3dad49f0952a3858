/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Hides our frames from the kernel on AF_PACKET ports. The socket's tap stands before tc's ingress, so Tandem still gets them;
 * without this a kernel with ip_forward=1 forwards every reply and VIP frame a second time (a direct-action filter, because
 * tc's own drop action may be missing). What is not ours goes on to the next filter, so others on clsact see it as before. */
#include <linux/pkt_cls.h>

#include "dataplane/bpf/steer_rules.bpf.h"

/* PACKET_HOST of linux/if_packet.h: to this host, as the new MAC says. */
#define STEER_PACKET_HOST 0

/* The tap's copy was made before and stays as it was. */
static __always_inline int let_kernel_route(struct __sk_buff* frame) {
  unsigned char mac[6];
  if (!read_own_mac(mac) || bpf_skb_store_bytes(frame, 0, mac, sizeof mac, 0)) return TC_ACT_SHOT;
  return bpf_skb_change_type(frame, STEER_PACKET_HOST) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

SEC("tc")
int hide_vips(struct __sk_buff* frame) {
  const void *start = (const void*)(long)frame->data, *end = (const void*)(long)frame->data_end;
  __u32 wanted = frame->len < STEER_HEADERS ? frame->len : STEER_HEADERS;
  /* Some drivers leave nothing but the Ethernet header in the linear part. */
  if (start + wanted > end) {
    if (bpf_skb_pull_data(frame, wanted)) return TC_ACT_UNSPEC;
    start = (const void*)(long)frame->data;
    end = (const void*)(long)frame->data_end;
  }
  const enum Owner owner = owner_of(start, end);
  if (owner == ROUTED) return let_kernel_route(frame);
  return owner == OURS ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char terms[] SEC("license") = "GPL";
