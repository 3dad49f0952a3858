/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Keys and values of the maps between vip_probe.bpf.c, which reads them, and controlplane/kernel/vip_probes.cpp, which feeds them; C
 * and C++ alike. No padding: every byte of a key counts. */
#pragma once

#include "dataplane/bpf/steer_maps.h"

/* What a probe leaves its socket as: to TCP port 0 of the backend, with this DSCP. */
struct ProbeKey {
  struct SteerAddress backend;
  unsigned char mark;
  unsigned char zero[3];
};

/* What it leaves the node as. */
struct ProbeWay {
  struct SteerAddress vip;
  unsigned short port;       /* the VIP's, wire order */
  unsigned char bytes;       /* of `headers`, which go in front; 0: none do */
  unsigned char outer_bytes; /* of their IP header: 20 or 40; behind it, UDP where more follows */
  unsigned char headers[52]; /* complete but for lengths and the IPv4 checksum */
};

/* One end of a probe's connection as the wire has it, or as its socket has it. */
struct ProbeEnd {
  struct SteerAddress far, local;
  unsigned short far_port, local_port; /* wire order */
};

/* Whose connection that is. */
struct ProbeOwner {
  struct SteerAddress backend;
  unsigned char mark;
  unsigned char zero[3];
};

enum {
  PROBE_MAX_WAYS = 16384,
  PROBE_MAX_CONNECTIONS = 16384, /* each takes two */
  PROBE_MARKS = 63,              /* DSCPs that are not 0 */
};
