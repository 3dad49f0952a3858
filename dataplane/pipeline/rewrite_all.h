// SPDX-License-Identifier: Apache-2.0
// The last pass: one loop a method and family, over packets whose connection is known.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

void rewrite_all(const Pass& pass) noexcept;

}  // namespace tandem
