// SPDX-License-Identifier: Apache-2.0
// Anti-entropy of a whole node: sums of the connections that one node owns and the other holds for it are laid side by side round
// after round; a bucket that truly differs is told whole by the owner, and the holder asks him about all that it has of it.
// Pure; threads: the pair's.
#pragma once

#include <functional>

#include "controlplane/sync/digest_questions.h"
#include "controlplane/sync/session.h"

namespace tandem::sync {

class Digests {
 public:
  using Send = std::function<void(Type type, const std::vector<std::uint8_t>& payload)>;

  explicit Digests(FlowWorkers& workers) : workers_{workers}, answers_{workers}, questions_{workers} {}

  // may_answer: the other was told all that changed. may_ask: all that it told is applied, and there is room for what it would say.
  void tick(bool may_answer, bool may_ask, const Send& send, Instant now);
  void hear(const Opened& opened, Instant now);
  const DigestQuestions::Counts& counts() const { return questions_.counts(); }

 private:
  void mend(const Send& send);

  FlowWorkers& workers_;
  DigestAnswers answers_;
  DigestQuestions questions_;
};

}  // namespace tandem::sync
