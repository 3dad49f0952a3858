// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/own_buffer.h"

namespace tandem {

rte_mbuf* copy_of_shared(rte_mbuf* mbuf) noexcept {
  rte_mbuf* const copy = rte_pktmbuf_copy(mbuf, mbuf->pool, 0, UINT32_MAX);
  if (copy != nullptr) rte_pktmbuf_free(mbuf);
  return copy;
}

}  // namespace tandem
