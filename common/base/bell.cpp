// SPDX-License-Identifier: Apache-2.0
#include "common/base/bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace tandem {

Bell::Bell() : descriptor_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}
Bell::~Bell() {
  if (descriptor_ >= 0) close(descriptor_);
}

void Bell::ring() noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);  // what we laid down is in its ring before we look whether anybody waits
  if (!waits_.load(std::memory_order_relaxed) || !waits_.exchange(false, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);  // never blocks; full is as good as rung
}

void Bell::answer() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(descriptor_, &count, sizeof count);
  listen();  // before the rings are read: what is pushed after that rings again
}

}  // namespace tandem
