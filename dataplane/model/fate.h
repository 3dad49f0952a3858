// SPDX-License-Identifier: Apache-2.0
// What becomes of the connections that a backend has, by its state and its service's wishes (docs/design/life.md). Worked out by the
// control side, so that a worker asks one bit for each packet.
#pragma once

#include <cstdint>

namespace tandem {

// Bit 0: a packet from the client is forwarded by its entry alone. Bit 1: a reply is.
enum class Fate : std::uint8_t {
  none = 0,  // the slot is nobody's: entries that name it are void
  keep = 1 | 2,
  look = 2 | 4,  // QUIC: they go on, but a datagram's connection id may name another backend
  move = 2 | 8,  // UDP: the next datagram goes to a backend that is live, while there is one
  reset = 16,    // TCP: both ends are told at the next segment of either
  cut = 32,      // as reset, and the silent ones are asked for a segment; UDP: they end
};

constexpr bool client_goes_on(Fate fate) { return (static_cast<unsigned>(fate) & 1) != 0; }
constexpr bool backend_goes_on(Fate fate) { return (static_cast<unsigned>(fate) & 2) != 0; }
// Whoever is there stays there, and whoever comes back is welcome.
constexpr bool stays(Fate fate) { return fate == Fate::keep || fate == Fate::look; }
constexpr bool is_ending(Fate fate) { return fate == Fate::reset || fate == Fate::cut; }

}  // namespace tandem
