// SPDX-License-Identifier: Apache-2.0
// Deny lists as a test writes them: "deny 10.0.0.0/8", "allow 10.1.0.0/16".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dataplane/model/guard_view.h"

namespace tandem::test {

std::shared_ptr<const PrefixRules> rules(const std::vector<std::string>& lines);

// The list for all, at a version. `newly`: the prefixes that this version denies and the one before did not; none: nobody knows which.
std::shared_ptr<const GuardView> guard(const std::vector<std::string>& lines, std::uint64_t version = 0,
                                       const std::vector<std::string>& newly = {});

}  // namespace tandem::test
