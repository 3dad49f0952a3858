/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Keys of the maps that steer.bpf.c and ingress_drop.bpf.c read and controlplane/kernel/steering.cpp feeds; C and C++ alike.
 * Every byte of a key counts in the kernel's comparison, so there is no padding. */
#pragma once

/* Either family in 16 bytes, IPv4 as ::ffff:a.b.c.d. */
struct SteerAddress {
  unsigned char bytes[16];
};

/* A prefix of VIPs, as the kernel's tries have it: how many of the 128 bits count, then these. */
struct SteerPrefix {
  unsigned int length; /* host order */
  unsigned char address[16];
};

/* The source of a nat service's replies; and, once for all ports of an address and protocol, that of their later fragments. The value
 * of that one says which ports are asked at besides those with entries of their own, as STEER_PORTS(first, last); 0: none. */
struct SteerEndpoint {
  unsigned char address[16];
  unsigned short port; /* wire order; 0 with any_port */
  unsigned char protocol;
  unsigned char any_port;
};

/* A MAC address that frames for this port carry. Its value says whether it is a group's virtual one, and whether what servers
 * send by it to others than clients is the kernel's to route. */
struct SteerMac {
  unsigned char bytes[6];
  unsigned char zero[2];
};

#define STEER_PORTS(first, last) ((unsigned int)(first) << 16 | (unsigned int)(last))

/* Names of maps: at most 15 characters (BPF_OBJ_NAME_LEN). Values are 32 flag bits; that of pair_port, the port in wire order;
 * those of own_mac, bytes of the port's MAC: four at 0, two at 1. */
enum {
  STEER_VIRTUAL_MAC = 1,
  STEER_TRANSIT = 2,
};
enum {
  STEER_MAX_VIPS = 4096,
  STEER_MAX_PREFIXES = 4096,
  STEER_MAX_BACKENDS = 32768,
  STEER_MAX_NODE_ADDRESSES = 4096,
  STEER_MAX_MACS = 1024,
  STEER_MAX_PEERS = 256,
  STEER_MAX_QUEUES = 64,
};
