/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the kernel's programs read a frame by. */
#pragma once

#include <linux/types.h>

#include "dataplane/bpf/steer_maps.h"

/* Headers as they lie on the wire. Not the kernel's, so that one reading of a frame has one set of names. */
struct Ethernet {
  unsigned char target[6], source[6];
  __be16 type;
};
struct Vlan {
  __be16 control, type;
};
struct Arp {
  __be16 hardware, protocol;
  __u8 hardware_bytes, protocol_bytes;
  __be16 operation;
  __u8 sender_mac[6], sender[4], target_mac[6], target[4];
};
struct Ipv4 {
  __u8 version_words, tos;
  __be16 total_bytes, id, fragment;
  __u8 ttl, protocol;
  __be16 checksum;
  __u8 source[4], target[4];
};
struct Ipv6 {
  __u8 version_class, class_flow, flow[2];
  __be16 payload_bytes;
  __u8 next_header, hop_limit;
  __u8 source[16], target[16];
};
struct FragmentHeader {
  __u8 next_header, reserved;
  __be16 offset;
  __be32 id;
};
struct Icmp {
  __u8 type, code;
  __be16 checksum;
  __be32 rest;
};
struct Solicitation {
  __u8 type, code;
  __be16 checksum;
  __be32 reserved;
  __u8 target[16];
};

static __always_inline struct SteerAddress from_ipv4(const __u8* address) {
  struct SteerAddress key = {};
  key.bytes[10] = key.bytes[11] = 0xff;
  __builtin_memcpy(key.bytes + 12, address, 4);
  return key;
}

static __always_inline struct SteerAddress from_ipv6(const __u8* address) {
  struct SteerAddress key;
  __builtin_memcpy(key.bytes, address, 16);
  return key;
}
