// SPDX-License-Identifier: Apache-2.0
// When something is to be sent again: at once when asked for, then evenly. Pure.
#pragma once

#include <algorithm>

#include "common/base/clock.h"

namespace tandem::ha {

// Every `interval`; a tick that comes late is not made up for.
class Rhythm {
 public:
  void at_once() { due_ = Instant{}; }
  void not_before(Instant when) { due_ = std::max(due_, when); }
  bool due(Instant now, Nanoseconds interval) {
    if (now < due_) return false;
    due_ = now - due_ < interval ? due_ + interval : now + interval;
    return true;
  }

 private:
  Instant due_;
};

// Announcements of a group that was just taken: one at once and three more over a second, then one a minute, because one frame may
// be lost and a switch that still believes in another box is a hole of minutes. At most one burst per 100 ms, whatever happens.
class AnnouncePlan {
 public:
  static constexpr int kRepeats = 3;
  static constexpr std::chrono::milliseconds kApart{333}, kShortest{100};
  static constexpr std::chrono::seconds kForever{60};

  void begin() { left_ = 1 + kRepeats, next_ = Instant{}; }
  void end() { left_ = -1; }

  bool due(Instant now) {
    if (left_ < 0 || now < next_ || (sent_once_ && now - sent_ < kShortest)) return false;
    if (left_ > 0) --left_;
    sent_ = now, sent_once_ = true;
    next_ = now + (left_ > 0 ? Nanoseconds{kApart} : Nanoseconds{kForever});
    return true;
  }

 private:
  int left_ = -1;
  bool sent_once_ = false;
  Instant next_, sent_;
};

}  // namespace tandem::ha
