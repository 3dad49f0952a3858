// SPDX-License-Identifier: Apache-2.0
// Checks that ask over HTTP or HTTPS and judge by the status: HTTP/1.1, a fresh connection each, no redirects, no proxy, no
// resolver. Of what a server sends at most 64 KiB of headers and 64 KiB of body are read. Threads: the loop's.
#pragma once

#include "controlplane/health/check.h"
#include "controlplane/health/curl_loop.h"

namespace tandem::health {

inline constexpr std::size_t kMostHeaderBytes = 64 << 10, kMostBodyBytes = 64 << 10;

class HttpChecks {
 public:
  explicit HttpChecks(Loop& loop) : loop_{loop}, curl_{loop} {}

  AttemptPtr start(const api::CheckJob& job, bool verbose, Done done);

 private:
  Loop& loop_;
  CurlLoop curl_;
};

}  // namespace tandem::health
