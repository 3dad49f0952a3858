// SPDX-License-Identifier: Apache-2.0
// deny add, deny del, allow add, allow del: a few prefixes by name, or as many as a file has, in portions that fit a request.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/session.h"

namespace tandem::cli {

struct GuardWish {
  std::vector<std::string> prefixes;
  std::string file, service, ttl;
  bool force = false;
};

// Prefixes that were named are done all or none; of a file those that are refused are told, and the rest is done (exit 5 then).
Outcome change_guard(Session& session, const std::string& method, const GuardWish& wish);

}  // namespace tandem::cli
