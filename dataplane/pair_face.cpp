// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pair_face.h"

#include "dataplane/io/mempool.h"

namespace tandem {

namespace {

constexpr std::size_t kFramesPerWorker = 64;  // so that one worker's flood leaves the others their turn

}  // namespace

bool push_beat(Workers workers, rte_mempool* pool, WorkerId by, PortId port, std::span<const std::uint8_t> bytes, Instant deadline) {
  if (index(by) >= workers.size()) return false;
  rte_mbuf* const mbuf = copy_frame(pool, bytes);
  if (mbuf == nullptr) return false;
  const bool pushed = workers[index(by)]->pair().beats().push({mbuf, port, deadline});
  workers[index(by)]->wake();
  if (!pushed) rte_pktmbuf_free(mbuf);
  return pushed;
}

void take_arrivals(Workers workers, Bell& bell, const std::function<void(const PairFrame&)>& handle) {
  bell.answer();
  bool more = false;
  for (const auto& worker : workers) {
    SpscRing<PairArrival>& ring = worker->pair().frames();
    std::size_t taken = 0;
    for (PairArrival frame; taken < kFramesPerWorker && ring.pop(frame); ++taken) {
      handle({frame.port, worker->id(), frame.received, frame_bytes(frame.mbuf)});
      rte_pktmbuf_free(frame.mbuf);
    }
    more |= taken == kFramesPerWorker;
  }
  if (more) bell.ring();
}

}  // namespace tandem
