// SPDX-License-Identifier: Apache-2.0
// What the two nodes' control planes say to each other: who hears which word here, and what a peer is told that knows nothing.
#include "controlplane/daemon/node.h"

namespace tandem {

void Node::heard(sync::Word kind, const std::string& text) {
  switch (kind) {
    case sync::Word::request:
    case sync::Word::answer:
    case sync::Word::overlay:
      return;
    case sync::Word::health:
      verdicts_.hear(text);
      return judge_backends();
    case sync::Word::count_:
      return;
  }
}

void Node::peer_new() {
  verdicts_.tell_everything();
  tell_verdicts();
}

}  // namespace tandem
