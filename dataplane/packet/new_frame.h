// SPDX-License-Identifier: Apache-2.0
// A buffer for a frame that nobody sent us.
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// Of so many bytes, which are zero. Null: no buffer is free, or there is no pool.
inline rte_mbuf* new_frame(rte_mempool* pool, std::size_t bytes) noexcept {
  rte_mbuf* const mbuf = pool == nullptr ? nullptr : rte_pktmbuf_alloc(pool);
  if (mbuf == nullptr) return nullptr;
  std::memset(rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(bytes)), 0, bytes);
  return mbuf;
}

}  // namespace tandem
