// SPDX-License-Identifier: Apache-2.0
// One connection: a cache line for IPv4, two for IPv6. A fast-path packet reads and writes this and one adjacency, nothing else.
// The client end (address, port, protocol) is what both directions of nat carry untranslated: it is hashed. A packet from the
// client also names the VIP's end, a reply the backend's end; these are compared.
// Threads: the owning worker alone. Holds: an entry stays where it was made until it is erased.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "common/base/cache_line.h"
#include "common/base/ids.h"
#include "common/net/address.h"
#include "common/net/byte_order.h"
#include "dataplane/conn/events.h"
#include "dataplane/model/adjacency.h"
#include "dataplane/model/backend.h"
#include "dataplane/model/service.h"

namespace tandem {

enum class Direction : std::uint8_t { from_client, from_backend };

// ConnEntry::seen, as the pair's records carry it (ha.md). For UDP: kSeenAckClient = the client spoke again, kSeenAckBackend = answered.
inline constexpr std::uint8_t kSeenSynClient = 1, kSeenSynBackend = 2, kSeenAckClient = 4, kSeenAckBackend = 8;
inline constexpr std::uint8_t kSeenFinClient = 16, kSeenFinBackend = 32, kSeenRst = 64;

// (term, incarnation): the larger replaces (ha.md, order). Zero while there is no pair.
struct ConnOrder {
  std::uint64_t term : 16 = 0, incarnation : 48 = 0;
};

// What is hashed. IPv4: one 64-bit word.
template <typename Address>
struct ClientEnd {
  Address address;
  Be16 port;
  Protocol protocol{};
  std::uint8_t zero = 0;
};

// What is compared. `far` is the VIP's end for a packet from the client, the backend's end for a reply.
template <typename Address>
struct ConnKey {
  ClientEnd<Address> client;
  Address far;
  Be16 far_port;
  std::uint16_t zero = 0;
};

template <typename Address>
struct alignas(std::is_same_v<Address, Ipv4Address> ? kCacheLineBytes : 2 * kCacheLineBytes) ConnEntry {
  using AddressType = Address;
  using Key = ConnKey<Address>;

  Address client;
  Be16 client_port;
  Protocol protocol{};
  ConnState state = ConnState::free;  // written by ConnTable::change_state alone, which counts
  Address vip;
  Be16 vip_port;
  BackendSlot backend_slot = kNoBackend;
  Address backend;
  Be16 backend_port;
  ServiceId service{};
  std::uint8_t flags = 0;  // kConnException, …
  std::uint8_t seen = 0;
  std::uint16_t last_seen = 0;  // low 16 bits of the tick; written only when the tick changed (see touch)
  // 64 bytes of IPv6 end here
  std::uint16_t l4_delta = 0, l3_delta = 0;  // what client → backend adds to the checksums (RFC 1624); the way back adds ~delta
  ForwardingMethod method{};
  std::uint8_t backend_incarnation = 0;         // with backend_slot: a reused slot is not our backend
  AdjacencyId client_adjacency = kNoAdjacency;  // next hop of replies, right while
  std::uint16_t route_version = 0;              // … this equals the generation's
  std::uint16_t idle_timeout = 0;               // ticks without a packet after which the entry ends
  Be16 source_port;                             // full-nat alone: what the backend sees as the client's port
  std::uint16_t source_pool = 0;                // full-nat alone: index of the pool address
  std::uint32_t created = 0;                    // tick
  std::uint32_t hash = 0;                       // low half of the table hash; kept by ConnTable
  ConnOrder order;

  bool is(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }

  void touch(std::uint32_t tick) noexcept {  // compare first: a clean line needs no write-back
    if (last_seen != static_cast<std::uint16_t>(tick)) last_seen = static_cast<std::uint16_t>(tick);
  }
  std::uint16_t idle_ticks(std::uint32_t tick) const noexcept { return static_cast<std::uint16_t>(tick - last_seen); }

  // The backend that the generation has at our slot is the one this connection was given.
  bool belongs_to(const BackendView& view) const noexcept { return view.incarnation == backend_incarnation; }

  Key client_key() const noexcept { return Key{{client, client_port, protocol}, vip, vip_port}; }
  Key reply_key() const noexcept { return Key{{client, client_port, protocol}, backend, backend_port}; }
};

using ConnEntry4 = ConnEntry<Ipv4Address>;
using ConnEntry6 = ConnEntry<Ipv6Address>;
using ConnKey4 = ConnEntry4::Key;
using ConnKey6 = ConnEntry6::Key;

static_assert(sizeof(ConnEntry4) == kCacheLineBytes && sizeof(ConnEntry6) == 2 * kCacheLineBytes);
static_assert(sizeof(ClientEnd<Ipv4Address>) == 8 && sizeof(ConnKey4) == 16 && sizeof(ConnKey6) == 40);
static_assert(offsetof(ConnEntry4, vip) == 8 && offsetof(ConnEntry4, backend) == 16 && offsetof(ConnEntry6, l4_delta) == 64);
static_assert(std::is_trivially_copyable_v<ConnEntry4> && std::is_trivially_copyable_v<ConnEntry6>);

// Does a packet with this key belong to the entry? Only nat's replies can be told from the entry's own backend end.
inline bool matches(const ConnEntry4& entry, const ConnKey4& key, Direction direction) noexcept {
  std::uint64_t have[3], want[2];
  std::memcpy(have, &entry, sizeof have);
  std::memcpy(want, &key, sizeof want);
  const bool reply = direction == Direction::from_backend;
  const std::uint64_t far = reply ? have[2] : have[1];
  // The last byte of a client end (state) and the last two of a far end (slot, service) are not part of the key.
  const std::uint64_t differs = (have[0] ^ want[0]) << 8 | (far ^ want[1]) << 16;
  return differs == 0 && (!reply || entry.method == ForwardingMethod::nat);
}

inline bool matches(const ConnEntry6& entry, const ConnKey6& key, Direction direction) noexcept {
  const bool reply = direction == Direction::from_backend;
  const Ipv6Address& far = reply ? entry.backend : entry.vip;
  const Be16 far_port = reply ? entry.backend_port : entry.vip_port;
  return entry.client == key.client.address && entry.client_port == key.client.port && entry.protocol == key.client.protocol &&
         far == key.far && far_port == key.far_port && (!reply || entry.method == ForwardingMethod::nat);
}

}  // namespace tandem
