// SPDX-License-Identifier: Apache-2.0
// Room in the table for one more connection: somebody worth less goes (conn/eviction_rank.h). Threads: the worker's own.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// `waits`: it has yet to shake hands, and so counts as half-open. count_: there is room; else why there is none.
template <typename Entry>
InsertFailure make_room(const Pass& pass, bool waits) noexcept;

extern template InsertFailure make_room<ConnEntry4>(const Pass&, bool) noexcept;
extern template InsertFailure make_room<ConnEntry6>(const Pass&, bool) noexcept;

}  // namespace tandem
