// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/api/types.h"
#include "controlplane/pair/half.h"

namespace tandem {

// The pair as operators and exporter see it.
api::Ha report_pair(const pair::Half& half, Instant now);

}  // namespace tandem
