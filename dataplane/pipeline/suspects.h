// SPDX-License-Identifier: Apache-2.0
// Whom a connection that is met in mid-flow may belong to, the likeliest first: what the schedule of its time would have given it.
// Nothing but generation and packet decides, so both nodes suspect the same (docs/design/adoption.md).
// Threads: pure, any worker.
#pragma once

#include <array>
#include <span>

#include "dataplane/pipeline/newcomer.h"

namespace tandem {

struct Suspect {
  BackendSlot slot = kNoBackend;
  bool exception = false;  // not what today's schedule would choose
};

class Suspects {
 public:
  static constexpr std::size_t kMost = 4;

  void add(const Suspect& suspect) noexcept {
    for (const Suspect& known : all())
      if (known.slot == suspect.slot) return;
    if (count_ < kMost) suspects_[count_++] = suspect;
  }
  std::span<const Suspect> all() const noexcept { return std::span{suspects_}.first(count_); }
  // Whom to try next, when `guesses` were made and `refuted` has denied it; null: nobody is left.
  const Suspect* after(std::size_t guesses, BackendSlot refuted) const noexcept {
    for (std::size_t i = guesses; i < count_; ++i)
      if (suspects_[i].slot != refuted) return &suspects_[i];
    return nullptr;
  }

 private:
  std::array<Suspect, kMost> suspects_;
  std::size_t count_ = 0;
};

// `flooded`: SYNs are not remembered now, so it has most likely begun just now.
template <typename Entry>
Suspects suspects_of(const Pass& pass, const Newcomer<Entry>& newcomer, bool flooded) noexcept;

extern template Suspects suspects_of(const Pass&, const Newcomer<ConnEntry4>&, bool) noexcept;
extern template Suspects suspects_of(const Pass&, const Newcomer<ConnEntry6>&, bool) noexcept;

}  // namespace tandem
