// SPDX-License-Identifier: Apache-2.0
// What an operator reads in an event about why a role changed.
#pragma once

#include "controlplane/ha/decision.h"

namespace tandem::pair {

const char* words_for(ha::Cause cause);

}  // namespace tandem::pair
