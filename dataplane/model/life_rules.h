// SPDX-License-Identifier: Apache-2.0
// A backend's fate (fate.h), from its state and what its service wants.
#pragma once

#include "common/net/address.h"
#include "dataplane/model/backend.h"

namespace tandem {

struct LifeRules {
  Protocol protocol = Protocol::tcp;
  bool reset_dead = false;        // TCP: connections of a backend that is down are reset instead of kept
  bool by_connection_id = false;  // UDP: flows are QUIC's, whose backends know them by state that nobody else has

  friend constexpr bool operator==(const LifeRules&, const LifeRules&) = default;
};

// A datagram is as good at another backend, unless it is QUIC's: those wait for the end of the grace, as TCP does. `cut`: the grace
// is over, or an operator said so.
constexpr Fate fate_of(BackendState state, const LifeRules& rules, bool cut = false) {
  const bool datagrams = rules.protocol == Protocol::udp;
  const Fate stays = rules.by_connection_id ? Fate::look : Fate::keep;
  switch (state) {
    case BackendState::unused:
      return Fate::none;
    case BackendState::up:
    case BackendState::draining:
      return stays;
    case BackendState::down:
      return datagrams ? Fate::move : rules.reset_dead ? Fate::reset : Fate::keep;
    case BackendState::disabled:
    case BackendState::gone:
      break;
  }
  if (cut) return Fate::cut;
  return datagrams && !rules.by_connection_id ? Fate::move : stays;
}

}  // namespace tandem
