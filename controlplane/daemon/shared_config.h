// SPDX-License-Identifier: Apache-2.0
// A configuration on its way to both nodes or to neither: what the node that was asked knows of it, and what the other keeps.
// Prepared there, put in force there, then here; at whatever step one of them fails, the other is told to take it back, and
// words arrive in order.
#pragma once

#include <functional>
#include <string>

#include "common/base/clock.h"
#include "controlplane/api/node_state.h"
#include "controlplane/config/load.h"

namespace tandem {

struct SharedChange {
  std::string token;
  std::function<config::ReadOutcome()> read;  // beside what is in force here at that moment
  std::string pair_text;                      // the part that both share
  double confirm_seconds = 0;
  std::string user, reason;
  NodeState::AppliedDone done;
};

struct PreparedConfig {
  std::string token, text;
  double confirm_seconds = 0;
  std::string user, reason;
  Instant until;
  std::string before;  // in force: the text that it took the place of
  std::string hash;    // in force: its own
};

}  // namespace tandem
