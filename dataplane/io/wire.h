// SPDX-License-Identifier: Apache-2.0
// Where bursts come from and go to. Handed to workers, so that a test or a replay can stand in for ports.
// Threads: one worker per (port, queue) and direction.
#pragma once

#include <cstdint>

#include "common/base/ids.h"

struct rte_mbuf;

namespace tandem {

class Wire {
 public:
  virtual ~Wire() = default;
  // Fills at most `room` places with frames that now belong to the caller.
  virtual std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept = 0;
  // Takes the first n of `burst` and returns n; the rest stays the caller's.
  virtual std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept = 0;
};

}  // namespace tandem
