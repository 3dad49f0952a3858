// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/rule.h"

namespace tandem::verdict {
namespace {

Verdict unless_unknown(Verdict first, Verdict otherwise) { return first == Verdict::unknown ? otherwise : first; }

}  // namespace

Verdict holding(const Evidence& seen) {
  const Verdict own = verdict_of(seen.own);
  if (seen.decider == Decider::peer) return seen.told ? unless_unknown(*seen.told, unless_unknown(seen.held, own)) : own;
  if (seen.stays) return Verdict::up;
  return seen.confirmed ? unless_unknown(own, seen.held) : unless_unknown(seen.held, own);
}

}  // namespace tandem::verdict
