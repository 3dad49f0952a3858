// SPDX-License-Identifier: Apache-2.0
// The second pass: whose connection is it, and do we have it? Hash, owner, tags, entry, each a loop that asks for what the
// next one reads. Packets with a usable entry go to the lane of their method, the others to choose.
#pragma once

#include "dataplane/lb/owner.h"
#include "dataplane/pipeline/pass.h"

namespace tandem {

void find_connections(const Pass& pass) noexcept;

inline WorkerId owner_of_hash(const Pass& pass, TableHash hash) noexcept {
  return owner_of(static_cast<std::uint32_t>(hash >> 32), pass.generation.owners);
}

}  // namespace tandem
