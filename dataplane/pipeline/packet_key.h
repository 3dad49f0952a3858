// SPDX-License-Identifier: Apache-2.0
// The key that a packet's connection is found by, from either direction.
#pragma once

#include <array>
#include <bit>

#include "dataplane/conn/entry.h"
#include "dataplane/packet/packet.h"
#include "dataplane/pipeline/lanes.h"

namespace tandem {

// The addresses of a packet of the entry's family.
inline Ipv4Address source_of(const Packet& packet, const ConnEntry4*) noexcept { return packet.ipv4().source; }
inline Ipv6Address source_of(const Packet& packet, const ConnEntry6*) noexcept { return packet.ipv6().source; }
inline Ipv4Address target_of(const Packet& packet, const ConnEntry4*) noexcept { return packet.ipv4().target; }
inline Ipv6Address target_of(const Packet& packet, const ConnEntry6*) noexcept { return packet.ipv6().target; }

// IPv4: two words made in registers. Built field by field in memory, they would be read back before they are whole, which
// stalls for as long as a store takes to reach the cache.
inline ConnKey4 make_key(std::uint32_t client, std::uint16_t client_port, std::uint8_t protocol, std::uint32_t far,
                         std::uint16_t far_port) noexcept {
  return std::bit_cast<ConnKey4>(std::array{std::uint64_t{client} | std::uint64_t{client_port} << 32 | std::uint64_t{protocol} << 48,
                                            std::uint64_t{far} | std::uint64_t{far_port} << 32});
}

inline ConnKey4 make_key(Ipv4Address client, Be16 client_port, std::uint8_t protocol, Ipv4Address far, Be16 far_port) noexcept {
  return make_key(client.value.wire, client_port.wire, protocol, far.value.wire, far_port.wire);
}

// IPv6: five words, for the same reason; they stay in registers until they are where they belong (FindLane::push).
inline KeyWords6 make_words(const Ipv6Address& client, Be16 client_port, std::uint8_t protocol, const Ipv6Address& far,
                            Be16 far_port) noexcept {
  using Halves = std::array<std::uint64_t, 2>;
  const auto [client_low, client_high] = std::bit_cast<Halves>(client);
  const auto [far_low, far_high] = std::bit_cast<Halves>(far);
  return {client_low, client_high, std::uint64_t{client_port.wire} | std::uint64_t{protocol} << 16 | far_low << 32,
          far_low >> 32 | far_high << 32, far_high >> 32 | std::uint64_t{far_port.wire} << 32};
}

inline ConnKey6 make_key(const Ipv6Address& client, Be16 client_port, std::uint8_t protocol, const Ipv6Address& far,
                         Be16 far_port) noexcept {
  return std::bit_cast<ConnKey6>(make_words(client, client_port, protocol, far, far_port));
}

template <typename Entry, Direction kDirection>
typename Entry::Key key_of(const Packet& packet) noexcept {
  constexpr const Entry* family = nullptr;
  if constexpr (kDirection == Direction::from_client)
    return make_key(source_of(packet, family), packet.source_port, packet.protocol, target_of(packet, family), packet.target_port);
  else return make_key(target_of(packet, family), packet.target_port, packet.protocol, source_of(packet, family), packet.source_port);
}

// The same as a lane takes it.
template <typename Entry, Direction kDirection>
auto lane_key_of(const Packet& packet) noexcept {
  if constexpr (std::is_same_v<Entry, ConnEntry4>) return key_of<Entry, kDirection>(packet);
  else if constexpr (kDirection == Direction::from_client)
    return make_words(packet.ipv6().source, packet.source_port, packet.protocol, packet.ipv6().target, packet.target_port);
  else return make_words(packet.ipv6().target, packet.target_port, packet.protocol, packet.ipv6().source, packet.source_port);
}

}  // namespace tandem
