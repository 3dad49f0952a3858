/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Hides our frames from the kernel on AF_PACKET ports. The socket's tap stands before tc's ingress, so Tandem still gets them;
 * without this a kernel with ip_forward=1 forwards every reply and VIP frame a second time (a direct-action filter, because
 * tc's own drop action may be missing). What is not ours goes on to the next filter, so others on clsact see it as before. */
#include <linux/pkt_cls.h>

#include "dataplane/bpf/steer_rules.bpf.h"

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
  return is_ours(start, end) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char terms[] SEC("license") = "GPL";
