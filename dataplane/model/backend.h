// SPDX-License-Identifier: Apache-2.0
// One backend of one service as the workers see it, found by its slot.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/model/fate.h"

namespace tandem {

// up: takes new connections. draining: keeps the ones it has. disabled: as draining, until they are cut. down: its check failed.
// gone: left the configuration; its grace runs. unused: the slot is nobody's. What becomes of its connections, `fate` says.
enum class BackendState : std::uint8_t { unused, up, draining, disabled, down, gone };

struct BackendView {
  IpAddress address;
  std::uint16_t port = 0;  // host order; 0: the one that its client asked for
  ServiceId service{};
  std::uint8_t incarnation = 0;  // tells two users of one slot apart; entries carry it
  BackendState state = BackendState::unused;
  Fate fate = Fate::none;
  bool packets_limited = false;  // a service whose connections it may have limits their packets
};

inline constexpr BackendSlot kNoBackend{0xffff};

}  // namespace tandem
