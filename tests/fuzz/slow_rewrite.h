// SPDX-License-Identifier: Apache-2.0
// An IP packet as it must be after a translation, made the long way: every field written where the RFC has it, every checksum carried
// over word by word (RFC 1624).
#pragma once

#include "tests/fuzz/slow_packet.h"

namespace tandem::fuzz {

struct SlowEnd {
  IpAddress address;
  unsigned port = 0;
};

// Where checksums stand: two that say the same may differ as 0 and 0xffff do.
using Places = std::vector<std::size_t>;

inline void put_word(Bytes& at, std::size_t place, unsigned value) {
  at[place] = static_cast<std::uint8_t>(value / 256), at[place + 1] = static_cast<std::uint8_t>(value);
}

inline Bytes bytes_of_address(const IpAddress& address) {
  const std::size_t from = address.family == Family::ipv4 ? 12 : 0;
  return Bytes(address.bytes.begin() + static_cast<std::ptrdiff_t>(from), address.bytes.end());
}

// What a checksum becomes when these bytes, of an even number, take the place of those.
inline unsigned slow_patch(unsigned checksum, View before, View after) {
  unsigned sum = 65535 - checksum;
  for (std::size_t i = 0; i < before.size(); i += 2) {
    sum += 65535 - word(before, i);
    sum = sum % 65536 + sum / 65536;
  }
  return 65535 - slow_sum(after, sum);
}

// A packet with its ends written anew. `checksum_at`: of TCP or UDP, 0 where it is not there.
struct SlowRewrite {
  Bytes packet;
  SlowPacket found;
  std::size_t checksum_at = 0;

  std::size_t address_at(bool target) const { return found.ipv6 ? (target ? 24 : 8) : (target ? 16 : 12); }

  void put(std::size_t place, const Bytes& value, bool in_ip_header) {
    const Bytes before(packet.begin() + static_cast<std::ptrdiff_t>(place),
                       packet.begin() + static_cast<std::ptrdiff_t>(place + value.size()));
    std::copy(value.begin(), value.end(), packet.begin() + static_cast<std::ptrdiff_t>(place));
    if (in_ip_header && !found.ipv6) put_word(packet, 10, slow_patch(word(packet, 10), before, value));
    const bool unsummed = found.protocol == 17 && checksum_at != 0 && word(packet, checksum_at) == 0;  // RFC 768
    if (checksum_at == 0 || unsummed) return;
    const unsigned patched = slow_patch(word(packet, checksum_at), before, value);
    put_word(packet, checksum_at, found.protocol == 17 && patched == 0 ? 65535 : patched);
  }
  void put_end(const SlowEnd& end, bool target) {
    put(address_at(target), bytes_of_address(end.address), true);
    put(found.l4 + (target ? 2 : 0), {static_cast<std::uint8_t>(end.port / 256), static_cast<std::uint8_t>(end.port)}, false);
  }
  // The TTL is no part of what TCP and UDP sum.
  void take_hop() {
    const std::size_t at = found.ipv6 ? 7 : 8;
    const Bytes before(packet.begin() + 8, packet.begin() + 10);
    --packet[at];
    if (!found.ipv6) put_word(packet, 10, slow_patch(word(packet, 10), before, View{packet}.subspan(8, 2)));
  }
};

// The other family's header in front of what was behind the old one (RFC 7915 4.1, 5.1, as far as docs/design/full-nat.md goes).
inline Bytes slow_other_family(const Bytes& packet, const SlowPacket& found, const IpAddress& source, const IpAddress& target) {
  const unsigned traffic_class = found.ipv6 ? word(packet, 0) / 16 % 256 : packet[1], length = static_cast<unsigned>(found.end - found.l4);
  Bytes made(found.ipv6 ? 20 : 40);
  if (found.ipv6) {
    made[0] = 0x45, made[1] = static_cast<std::uint8_t>(traffic_class), made[6] = 0x40;
    put_word(made, 2, 20 + length);
    made[8] = static_cast<std::uint8_t>(found.hops - 1), made[9] = static_cast<std::uint8_t>(found.protocol);
  } else {
    put_word(made, 0, 6U << 12 | traffic_class << 4);
    put_word(made, 4, length);
    made[6] = static_cast<std::uint8_t>(found.protocol), made[7] = static_cast<std::uint8_t>(found.hops - 1);
  }
  const Bytes from = bytes_of_address(source), to = bytes_of_address(target);
  std::copy(from.begin(), from.end(), made.begin() + (found.ipv6 ? 12 : 8));
  std::copy(to.begin(), to.end(), made.begin() + (found.ipv6 ? 16 : 24));
  if (found.ipv6) put_word(made, 10, 65535 - slow_sum(made));
  made.insert(made.end(), packet.begin() + static_cast<std::ptrdiff_t>(found.l4), packet.begin() + static_cast<std::ptrdiff_t>(found.end));
  return made;
}

}  // namespace tandem::fuzz
