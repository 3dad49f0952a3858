// SPDX-License-Identifier: Apache-2.0
// Who may enter, as a generation has it: the list that holds for every service (a service's own stands in its ServiceView), and
// which prefixes have lately come to be denied, so that a worker finds their connections without asking the list for each.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/net/address.h"
#include "dataplane/model/prefix_rules.h"

namespace tandem {

// From this version on somebody in the prefix may be denied who was not before.
struct NewlyDenied {
  std::uint64_t version = 0;
  Prefix prefix;
};

struct GuardView {
  std::shared_ptr<const PrefixRules> everywhere;  // never null
  std::uint64_t version = 0;                      // the latest change by which somebody may be denied who was not; 0: none yet
  std::uint64_t told_since = 0;                   // `recent` has every such change after this one
  std::vector<NewlyDenied> recent;                // oldest first; of any list
};

}  // namespace tandem
