// SPDX-License-Identifier: Apache-2.0
// One backend of one service as the workers see it, found by its slot.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "common/net/address.h"

namespace tandem {

// up: takes new connections. draining, disabled: keeps the ones it has. down: its check failed, keeps them too.
// gone: left the configuration, keeps them until the last ends. unused: the slot is nobody's.
enum class BackendState : std::uint8_t { unused, up, draining, disabled, down, gone };

struct BackendView {
  IpAddress address;
  std::uint16_t port = 0;  // host order
  ServiceId service{};
  std::uint8_t incarnation = 0;  // tells two users of one slot apart; entries carry it
  BackendState state = BackendState::unused;
  bool packets_limited = false;  // a service whose connections it may have limits their packets
};

inline constexpr BackendSlot kNoBackend{0xffff};

}  // namespace tandem
