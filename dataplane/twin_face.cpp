// SPDX-License-Identifier: Apache-2.0
#include "dataplane/twin_face.h"

#include "dataplane/io/mempool.h"

namespace tandem {

namespace {

constexpr std::size_t kFramesPerPoll = 1024;

}  // namespace

void take_twin_frames(Workers workers, Bell& bell, const std::function<void(const TwinFrame&)>& handle) {
  bell.answer();
  std::size_t taken = 0;
  for (std::size_t punt_class = 0; punt_class < kPuntClasses; ++punt_class)
    for (const auto& worker : workers) {
      SpscRing<Crossing>& ring = worker->punts().ring(static_cast<PuntClass>(punt_class));
      for (Crossing frame; taken < kFramesPerPoll && ring.pop(frame); ++taken) {
        handle({frame.port, frame_bytes(frame.mbuf)});
        rte_pktmbuf_free(frame.mbuf);
      }
    }
  if (taken == kFramesPerPoll) bell.ring();  // there may be more: come back soon, but let others run
}

bool push_twin_frame(Worker& worker, rte_mempool* pool, const TwinFrame& frame) {
  rte_mbuf* const mbuf = copy_frame(pool, frame.bytes);
  if (mbuf == nullptr) return false;
  if (worker.inject(mbuf, frame.port)) return true;
  rte_pktmbuf_free(mbuf);
  return false;
}

}  // namespace tandem
