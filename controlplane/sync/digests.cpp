// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/digests.h"

#include <algorithm>

namespace tandem::sync {

void Digests::tick(bool may_answer, bool may_ask, const Send& send, Instant now) {
  answers_.tick(may_answer, [&](const auto& payload) { send(Type::digest, payload); });
  questions_.tick(
      may_ask, [&](const auto& payload) { send(Type::diff, payload); }, now);
  mend(send);
}

void Digests::hear(const Opened& opened, Instant now) {
  if (opened.type == Type::digest) {
    if (const auto answer = decode_answer(opened.payload)) questions_.hear(*answer, now);
  } else if (opened.type == Type::diff) {
    if (const auto question = decode_question(opened.payload)) answers_.hear(*question);
  }
}

// Both nodes go through their tables for the same buckets, each as the workers of the one before are done.
void Digests::mend(const Send& send) {
  std::vector<std::uint16_t>&own = answers_.to_mend(), &held = questions_.to_mend();
  if ((own.empty() && held.empty()) || !workers_.mend(own, held)) return;
  for (std::span<const std::uint16_t> left{held}; !left.empty();) {
    const auto some = left.first(std::min(left.size(), DigestQuestion::kAtMost));
    send(Type::diff, encode(DigestQuestion{DigestQuestion::About::mend, {some.begin(), some.end()}}));
    left = left.subspan(some.size());
  }
  own.clear(), held.clear();
}

}  // namespace tandem::sync
