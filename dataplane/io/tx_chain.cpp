// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/tx_chain.h"

#include <rte_mbuf.h>

#include <utility>

namespace tandem {

namespace {

// Behind the first segment's data when there is room, else in a buffer of its own: the first may have lost its tail to a header in front.
bool join(rte_mbuf*& mbuf) noexcept {
  if (rte_pktmbuf_linearize(mbuf) == 0) return true;
  if (mbuf->pkt_len + RTE_PKTMBUF_HEADROOM > rte_pktmbuf_data_room_size(mbuf->pool)) return false;
  rte_mbuf* const copy = rte_pktmbuf_copy(mbuf, mbuf->pool, 0, UINT32_MAX);
  if (copy == nullptr) return false;
  rte_pktmbuf_free(mbuf);
  mbuf = copy;
  return true;
}

}  // namespace

std::uint16_t join_segments(rte_mbuf** burst, std::uint16_t count) noexcept {
  std::uint16_t whole = 0;
  for (std::uint16_t i = 0; i < count; ++i)
    if (burst[i]->nb_segs == 1 || join(burst[i])) [[likely]]
      std::swap(burst[whole++], burst[i]);
  return whole;
}

}  // namespace tandem
