// SPDX-License-Identifier: Apache-2.0
// Whether too many of a backend's last new connections failed, made of what was counted between looks. Pure.
#pragma once

#include <cstdint>
#include <deque>

namespace tandem::verdict {

// How new connections began at a backend, since anybody counts; numbers only grow.
struct Begun {
  std::uint64_t answered = 0, refused = 0, unanswered = 0;

  std::uint64_t failed() const { return refused + unanswered; }
  std::uint64_t all() const { return answered + failed(); }
  Begun& operator+=(const Begun& other);
  Begun& operator-=(const Begun& other);
};

// failed of the last `of`.
struct OpeningsLimit {
  std::uint64_t failed = 5, of = 10;
};

class Openings {
 public:
  // What happened since the last look, the first of which knows nothing yet. True: more failed, and the backend is suspect.
  bool look(const Begun& counted, const OpeningsLimit& limit);
  void forget();  // what was seen says nothing about it any more: another backend, or one that its check took out and in

  // As soon as the limit is reached; until less than half of that share fails.
  bool is_suspect() const { return suspect_; }
  const Begun& recent() const { return recent_; }  // the last `of`, or somewhat more when they came at once

 private:
  void keep(const Begun& fresh, std::uint64_t of);

  bool known_ = false, suspect_ = false;
  Begun last_, recent_;
  std::deque<Begun> window_;
};

}  // namespace tandem::verdict
