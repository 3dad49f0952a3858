// SPDX-License-Identifier: Apache-2.0
#include "dataplane/forward/full_nat.h"

namespace tandem {

void sum_udp_anew(Packet& packet) noexcept {
  UdpHeader& udp = packet.udp();
  const std::uint16_t bytes = udp.length_bytes.host();
  udp.checksum = {};
  Sum sum = pseudo_header_sum(packet.source(), packet.target(), packet.protocol, bytes);
  std::uint32_t left = bytes;
  std::uint32_t at = packet.l4_offset;
  bool odd = false;
  for (const rte_mbuf* segment = packet.mbuf; segment != nullptr && left != 0; segment = segment->next, at = 0) {
    const std::uint32_t here = std::min<std::uint32_t>(left, segment->data_len - at);
    const std::uint16_t part = fold(sum_bytes(rte_pktmbuf_mtod_offset(segment, const std::uint8_t*, at), here));
    sum += odd ? static_cast<std::uint16_t>(part << 8 | part >> 8) : part;  // RFC 1071 2 (B): swapped where it begins at an odd byte
    odd ^= (here & 1) != 0, left -= here;
  }
  udp.checksum = finish_checksum(sum);
  if (udp.checksum.wire == 0) udp.checksum = Be16{0xffff};
}

}  // namespace tandem
