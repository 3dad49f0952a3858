// SPDX-License-Identifier: Apache-2.0
// What the daemon and healthd say to each other. See types.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/api/count.h"

namespace tandem::api {

// One check as healthd is to run it.
struct CheckJob {
  std::string service, backend;
  Count slot = 0;
  std::string address, type, path, host, expect, ca, sni;
  std::uint16_t port = 0;
  Count interval_ms = 1000, timeout_ms = 500, rise = 2, fall = 3;
  double jitter = 0.1;
  bool verify = true;
  std::string vip;            // asked for at `address` as a client's packet does; empty: `address` itself
  Count mark = 0;             // the DSCP by which the node's kernel knows which VIP is meant
  bool proxy_header = false;  // the port asked expects a header of the PROXY protocol first
};

struct CheckVerdict {
  std::string service, backend;
  Count slot = 0;
  bool up = false;
  bool final = false;        // rise or fall is reached: this is the state now
  std::string text, result;  // result: ok, refused, timeout, status, tls, error
  double duration_seconds = 0;
};

struct CheckRun {
  std::string token;
  bool ok = false;
  std::string text;
  double duration_seconds = 0;
  std::vector<std::string> dialogue;
};

}  // namespace tandem::api
