// SPDX-License-Identifier: Apache-2.0
// The order in which round-robin serves: a cycle in which a member of weight w stands w times, spread as evenly as it can be.
// Threads: immutable. Built in O(length × log length); its length is the sum of the weights after their common divisor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/lb/maglev.h"

namespace tandem {

std::vector<MemberIndex> rotation_of(std::span<const MaglevMember> members);

}  // namespace tandem
