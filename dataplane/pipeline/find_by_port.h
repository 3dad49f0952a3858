// SPDX-License-Identifier: Apache-2.0
// Pass find, for replies to full-nat: the connection by the pool address's port that it has. The owner is the port's low byte.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

void find_by_port(const Pass& pass) noexcept;

}  // namespace tandem
