// SPDX-License-Identifier: Apache-2.0
#include "controlplane/pair/port_halves.h"

#include "controlplane/pair/half.h"

namespace tandem::pair {
namespace {

PortHalf half_of(const IpAddress& own, const IpAddress& peer) { return own < peer ? PortHalf::first : PortHalf::second; }

}  // namespace

PortHalf own_half(const config::PairView& view) {
  if (view.sync && view.sync->has_link()) return half_of(view.sync->local, view.sync->peer);
  for (const config::PairView::Lan& lan : view.lans)
    for (const IpAddress& own : lan.own)
      for (const IpAddress& peer : lan.peer)
        if (own.family == peer.family) return half_of(own, peer);
  return PortHalf::first;
}

PortHalves Half::port_halves(Instant now) {
  const bool alive = machine_.peer_alive(now);
  alone_.update(!alive, now);
  return {.mine = own_half(view_.pair),
          .own = !alive || (machine_.peer() && machine_.peer()->in_step),
          .other = !alive && alone_.for_how_long(now) >= view_.pair.ha.peer_gone};
}

}  // namespace tandem::pair
