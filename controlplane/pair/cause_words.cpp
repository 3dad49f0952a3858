// SPDX-License-Identifier: Apache-2.0
#include "controlplane/pair/cause_words.h"

namespace tandem::pair {

const char* words_for(ha::Cause cause) {
  switch (cause) {
    case ha::Cause::peer_silent:
      return "the peer was not heard on any path";
    case ha::Cause::peer_unfit:
      return "the peer has a dead link or a standing worker, or reaches few of the backends";
    case ha::Cause::lan_silent:
      return "a LAN between the nodes is silent, and others answer us better";
    case ha::Cause::peer_yields:
      return "the peer asked for it";
    case ha::Cause::nobody_serves:
      return "neither node had it";
    case ha::Cause::conflict:
      return "the peer took it later than we did";
    case ha::Cause::unheard:
      return "the peer serves it and does not hear us";
    case ha::Cause::asked:
      return "an operator asked";
    case ha::Cause::preferred:
      return "it goes back to the node it prefers";
    case ha::Cause::leaving:
      return "this node is about to stop";
    case ha::Cause::not_taken:
      return "the peer did not take it";
    case ha::Cause::vrrp:
      return "elected by VRRP";
    case ha::Cause::boot:
      return "listening is over";
    default:
      return "";
  }
}

}  // namespace tandem::pair
