// SPDX-License-Identifier: Apache-2.0
// A packet is rewritten where it lies, so nobody else may look at its bytes: a buffer with more than one reference, or one that stands for
// another's bytes (a clone), is copied first. External buffers that a driver shares out by pieces are not shared bytes.
// Threads: a worker's own.
#pragma once

#include <rte_mbuf.h>

namespace tandem {

rte_mbuf* copy_of_shared(rte_mbuf* mbuf) noexcept;  // gives the old one back; null: there is no buffer for the copy, and the old one stays

// The check reads what Batch::add reads anyway.
inline rte_mbuf* own_buffer(rte_mbuf* mbuf) noexcept {
  if (rte_mbuf_refcnt_read(mbuf) == 1 && !RTE_MBUF_CLONED(mbuf)) [[likely]]
    return mbuf;
  return copy_of_shared(mbuf);
}

}  // namespace tandem
