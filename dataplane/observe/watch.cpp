// SPDX-License-Identifier: Apache-2.0
#include "dataplane/observe/watch.h"

#include <algorithm>
#include <bit>

namespace tandem {

namespace {

constexpr std::size_t kSmallestRing = 128 << 10;  // a frame of 64 kB fits

}  // namespace

Capture::Capture(CaptureWish wished, std::size_t workers) : wish{std::move(wished)}, counts(workers) {
  const std::size_t bytes = std::bit_floor(std::max(wish.ring_bytes, kSmallestRing));
  for (std::size_t w = 0; w < workers; ++w) rings.push_back(std::make_unique<ByteRing>(bytes));
}

Trace::Trace(FilterProgram program, std::size_t workers) : filter{std::move(program)}, counts(workers) {
  for (std::size_t w = 0; w < workers; ++w) rings.push_back(std::make_unique<SpscRing<TraceRecord>>(kRing));
}

void WatchBoard::put(std::shared_ptr<const Watch> watch) {
  current_.store(watch.get(), std::memory_order_seq_cst);
  if (watch != nullptr) kept_.push_back(std::move(watch));
  reclaim();
}

void WatchBoard::reclaim() {
  const Watch* current = current_.load(std::memory_order_relaxed);
  std::erase_if(kept_, [&](const std::shared_ptr<const Watch>& watch) {
    const auto looks = [&](const Seen& seen) { return seen.watch.load(std::memory_order_seq_cst) == watch.get(); };
    return watch.get() != current && std::ranges::none_of(seen_, looks);
  });
}

}  // namespace tandem
