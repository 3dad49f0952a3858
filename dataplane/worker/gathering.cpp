// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/gathering.h"

#include <algorithm>

namespace tandem {

void Gathering::Span::begin(Instant now) noexcept {
  end = now + length;
  length = std::min(2 * length, kLongest);
}

bool Gathering::wise(Instant now, std::uint64_t packets) noexcept {
  const Nanoseconds passed = now - window_began_;
  if (passed < kWindow) return gathers_;
  const double rate = static_cast<double>(packets - packets_then_) / static_cast<double>(passed.count());
  if (gathers_) judge_gathering(rate, now);
  else judge_listening(rate, now);
  window_began_ = now;
  packets_then_ = packets;
  return gathers_;
}

void Gathering::judge_listening(double rate, Instant now) noexcept {
  heard_ = rate;
  const double would_gather = rate * static_cast<double>(kLength.count());
  gathers_ = now >= pause_.end && would_gather >= kFewest && would_gather <= kMost;
  if (gathers_) stay_.begin(now);
}

// Whoever is slowed down again and again is asked less and less often; and what was heard grows old.
void Gathering::judge_gathering(double rate, Instant now) noexcept {
  const bool disturbs = rate < kUndisturbed * heard_;
  gathers_ = !disturbs && now < stay_.end && rate * static_cast<double>(kLength.count()) <= kMost;
  if (disturbs) {
    stay_ = {};
    pause_.begin(now);
  } else {
    pause_ = {};
  }
}

}  // namespace tandem
