// SPDX-License-Identifier: Apache-2.0
// deny list, allow list.
#pragma once

#include <string>

#include "cli/commands/session.h"

namespace tandem::cli {

struct GuardQuery {
  std::string prefix, service, limit = "1000";
};

Outcome list_guard(Session& session, const std::string& method, const GuardQuery& wanted);

}  // namespace tandem::cli
