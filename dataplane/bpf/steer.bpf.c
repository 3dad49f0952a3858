/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The XDP program of AF_XDP ports: our frames go to the sockets, the kernel's share never reaches us. DPDK's driver loads it,
 * attaches it and puts its sockets into xsks_map, which must have exactly that name; the program must be the object's first.
 * It stays attached when tandemd is killed: then every redirect misses and drops, so no frame for a VIP reaches the kernel. */
#include "dataplane/bpf/steer_rules.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, STEER_MAX_QUEUES);
  __type(key, __u32);
  __type(value, __u32);
} xsks_map SEC(".maps");

SEC("xdp")
int steer(struct xdp_md* frame) {
  void* start = (void*)(long)frame->data;
  const void* end = (const void*)(long)frame->data_end;
  const enum Owner owner = owner_of(start, end);
  if (owner == ROUTED && start + sizeof(struct Ethernet) <= end) read_own_mac(start);
  if (owner != OURS) return XDP_PASS;
  /* The low bits of the flags are the action when no socket is there; 0 would be XDP_ABORTED. */
  return (int)bpf_redirect_map(&xsks_map, frame->rx_queue_index, XDP_DROP);
}

char terms[] SEC("license") = "GPL";
