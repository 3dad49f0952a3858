// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/packet_ring.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>

#include "dataplane/io/device.h"

namespace tandem {

void enlarge_send_buffer(int socket, std::uint32_t slot_bytes) {
  // The kernel charges about 1 KiB a frame besides its bytes, and calls a socket writable while it is less than half full.
  const int bytes = static_cast<int>(std::min<std::uint64_t>(std::uint64_t{kPacketRingSlots} * (slot_bytes + 1024) * 2, 1 << 30));
  if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

std::uint64_t packet_ring_drops(int socket) {
  tpacket_stats counts{};
  socklen_t length = sizeof counts;
  return getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &counts, &length) == 0 ? counts.tp_drops : 0;
}

}  // namespace tandem
