// SPDX-License-Identifier: Apache-2.0
// Whose verdicts on backends hold, as roles move between the nodes, and what each tells the other of them.
#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

constexpr std::size_t kTellingBytes = 64 << 10;  // a part of a telling: room for other words between two of them

}  // namespace

void Node::follow_pair() {
  if (!pair_) return;
  verdicts_.follow(pair_->report());
  judge_backends();
}

void Node::judge_backends() {
  if (verdicts_.judge(now()) && publication_) publication_->soon();
  tell_verdicts();
  if (verdicts_.take_cut_off_change()) tell_pair();  // at once: the peer may have to take over
}

// The panic threshold counts those whom the operator left in service.
void Node::republish() {
  verdicts_.touched_all();
  judge_backends();
  publication_->at_once();
}

void Node::tell_verdicts() {
  if (!pair_) return;
  for (std::string& part : verdicts_.news(kTellingBytes)) pair_->say(sync::Word::health, std::move(part));
}

}  // namespace tandem
