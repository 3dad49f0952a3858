/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What testpmd's AF_XDP ports get in place of Tandem's steer: every frame goes to the socket. (The driver's own program comes by
 * libxdp's dispatcher, whose pins in /sys/fs/bpf outlive a killed program.) */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, __u32);
} xsks_map SEC(".maps");

SEC("xdp")
int every_frame(struct xdp_md* frame) { return (int)bpf_redirect_map(&xsks_map, frame->rx_queue_index, XDP_DROP); }

char terms[] SEC("license") = "GPL";
