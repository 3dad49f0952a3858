// SPDX-License-Identifier: Apache-2.0
// What a request about deny lists says, read and judged: which prefixes, of which service, for how long; and what may not be said.
#pragma once

#include "controlplane/api/node_state.h"

namespace tandem {

struct GuardWish {
  guard::Verdict verdict{};
  bool takes_back = false;
  std::string service;
  std::vector<Prefix> prefixes;               // each once
  std::vector<api::GuardRefusal> refused;     // of prefixes
  std::optional<std::chrono::seconds> lasts;  // none: until taken back
};

// "198.51.100.66", "198.51.100.0/24"; host bits are a mistake that is pointed out.
Result<Prefix> read_denied_prefix(std::string_view text);

// A wish with a prefix that may not be is refused whole, or without these where the caller skips them (params.skip_refused).
api::Answer<GuardWish> read_guard_wish(const Call& call, NodeState& node);

}  // namespace tandem
