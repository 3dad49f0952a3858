// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/replay_window.h"

#include <algorithm>

namespace tandem::sync {

bool ReplayWindow::is_new(std::uint64_t sequence) const {
  if (sequence == 0) return false;
  if (sequence > newest_) return true;
  if (newest_ - sequence >= kWidth) return false;
  return (seen_[sequence % kWidth / 64] & bit(sequence)) == 0;
}

void ReplayWindow::mark(std::uint64_t sequence) {
  if (sequence > newest_) {
    // The places between were those of sequences a whole window older.
    const std::uint64_t first = std::max(newest_ + 1, sequence >= kWidth ? sequence - kWidth + 1 : 0);
    for (std::uint64_t i = first; i < sequence; ++i) word(i) &= ~bit(i);
    newest_ = sequence;
  }
  word(sequence) |= bit(sequence);
}

}  // namespace tandem::sync
