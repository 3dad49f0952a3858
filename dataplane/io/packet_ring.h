// SPDX-License-Identifier: Apache-2.0
// What DPDK's AF_PACKET driver leaves undone on its sockets. Threads: control threads.
#pragma once

#include <cstdint>

namespace tandem {

// The driver waits in poll() for a free slot, for ever if need be. poll() looks at the socket's send buffer, not at the ring;
// with room there for the whole ring it always returns at once, and a full ring is a refused packet.
void enlarge_send_buffer(int socket, std::uint32_t slot_bytes);

// Frames for which the receive ring had no room since the last call: the kernel resets the count as it is read.
std::uint64_t packet_ring_drops(int socket);

}  // namespace tandem
