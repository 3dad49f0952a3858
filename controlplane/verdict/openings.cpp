// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/openings.h"

#include <algorithm>
#include <utility>

namespace tandem::verdict {

Begun& Begun::operator+=(const Begun& other) {
  answered += other.answered, refused += other.refused, unanswered += other.unanswered;
  return *this;
}

Begun& Begun::operator-=(const Begun& other) {
  answered -= other.answered, refused -= other.refused, unanswered -= other.unanswered;
  return *this;
}

bool Openings::look(const Begun& counted, const OpeningsLimit& limit) {
  Begun fresh = counted;
  fresh -= last_;
  last_ = counted;
  if (!std::exchange(known_, true) || fresh.all() == 0) return false;
  keep(fresh, limit.of);
  // As a share, where more came at once than the window holds.
  const std::uint64_t failed = recent_.failed() * limit.of, reached = limit.failed * std::max(recent_.all(), limit.of);
  suspect_ = suspect_ ? 2 * failed >= reached : failed >= reached;
  return suspect_ && fresh.failed() > 0;
}

void Openings::forget() { *this = {}; }

void Openings::keep(const Begun& fresh, std::uint64_t of) {
  window_.push_back(fresh);
  recent_ += fresh;
  while (recent_.all() - window_.front().all() >= of) {
    recent_ -= window_.front();
    window_.pop_front();
  }
}

}  // namespace tandem::verdict
