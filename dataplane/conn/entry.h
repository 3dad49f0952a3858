// SPDX-License-Identifier: Apache-2.0
// One connection. A fast-path packet reads and writes its ConnEntry and one adjacency, nothing else.
// The client end (address, port, protocol) is what both directions of nat carry untranslated: it is hashed. A packet from the
// client also names the VIP's end, a reply the backend's end; these are compared.
// Threads: the owning worker alone. Holds: an entry stays where it was made until it is erased.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "common/base/cache_line.h"
#include "common/base/ids.h"
#include "common/base/load_word.h"
#include "common/net/address.h"
#include "common/net/byte_order.h"
#include "common/net/checksum.h"
#include "dataplane/conn/sync_record.h"
#include "dataplane/model/adjacency.h"
#include "dataplane/model/backend.h"
#include "dataplane/model/client_address.h"
#include "dataplane/model/pool.h"
#include "dataplane/model/service.h"

namespace tandem {

enum class Direction : std::uint8_t { from_client, from_backend };

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

// The part that a steady packet does not need: read and written when a connection is made, changes state, ends or is shown.
struct ConnDetail {
  std::uint32_t created = 0;  // tick
  std::uint32_t hash = 0;     // low half of the table hash; kept by ConnTable
  ConnOrder order;
  ServiceId service{};
  std::uint16_t idle_timeout = 0;             // ticks without a packet after which the entry ends
  Be16 source_port;                           // full-nat alone: what the backend sees as the client's port
  std::uint16_t source_pool = 0;              // full-nat alone: index of the pool address
  std::uint8_t seen = 0;                      // kSeen…
  std::uint8_t guesses = 0;                   // backends it was given in mid-flow without a proof, this one included
  ClientAddress tells = ClientAddress::none;  // full-nat alone: how the backend is told its client's address
  std::uint8_t spare = 0;
  std::uint32_t first_byte = 0;  // and the sequence number of the client's first byte, as the client counts
};
static_assert(sizeof(ConnDetail) == 32);

struct NoDetail {};

inline constexpr std::uint16_t kOwesAddress = 0x8000;  // beside a pool's slot
static_assert(static_cast<std::uint16_t>(kNoPool) < kOwesAddress && kMaxPoolAddresses < static_cast<std::uint16_t>(kNoPool));

// Where the backend of a full-nat connection sees it come from.
struct OwnSource {
  Be16 port;
  PoolSlot pool = kNoPool;
};

// What forwarding reads and writes. IPv4 keeps it in half a line, with the details in an array of their own: at 10 M connections
// half the span is half the cost of a cold line (docs/design/connection-table.md). IPv6 has both in two lines.
template <typename Address>
struct alignas(std::is_same_v<Address, Ipv4Address> ? kCacheLineBytes / 2 : 2 * kCacheLineBytes) ConnEntry {
  using AddressType = Address;
  using Key = ConnKey<Address>;
  static constexpr bool kHoldsDetail = !std::is_same_v<Address, Ipv4Address>;

  Address client;
  Be16 client_port;
  Protocol protocol{};
  ConnState state : 4 = ConnState::free;  // changed by ConnTable::change_state alone, which counts
  ForwardingMethod method : 4 = ForwardingMethod::nat;
  Address vip;
  Be16 vip_port;
  BackendSlot backend_slot = kNoBackend;  // its view names the service
  Address backend;                        // full-nat: an OwnSource instead; behind a tunnel it may be of the other family: ask backend_of()
  Be16 backend_port;
  AdjacencyId client_adjacency = kNoAdjacency;  // next hop of replies, right while route_version equals the generation's
  std::uint16_t last_seen = 0;                  // low 16 bits of the tick; written only when the tick changed (see touch)
  std::uint16_t l4_delta = 0;                   // what client → backend adds to the checksum (RFC 1624); the way back adds ~l4_delta
  // 64 bytes of IPv6 end here
  std::uint16_t route_version = 0;
  std::uint8_t flags = 0;                // kConnException, …
  std::uint8_t backend_incarnation = 0;  // with backend_slot: a reused slot is not our backend
  [[no_unique_address]] std::conditional_t<kHoldsDetail, ConnDetail, NoDetail> own_detail;  // ask ConnTable::detail()

  bool is(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }

  void touch(std::uint32_t tick) noexcept {  // compare first: a clean line needs no write-back
    if (last_seen != static_cast<std::uint16_t>(tick)) last_seen = static_cast<std::uint16_t>(tick);
  }
  std::uint16_t idle_ticks(std::uint32_t tick) const noexcept { return static_cast<std::uint16_t>(tick - last_seen); }

  // The backend that the generation has at our slot is the one this connection was given.
  bool belongs_to(const BackendView& view) const noexcept { return view.incarnation == backend_incarnation; }

  // For nat, once addresses and ports are in place.
  void set_deltas() noexcept {
    l4_delta = checksum_delta(sum_bytes(&vip, sizeof vip) + vip_port.wire, sum_bytes(&backend, sizeof backend) + backend_port.wire);
  }
  // What client → backend adds to the IPv4 header's checksum: l4_delta without the ports' share.
  std::uint16_t l3_delta() const noexcept { return fold(Sum{l4_delta} + vip_port.wire + static_cast<std::uint16_t>(~backend_port.wire)); }

  OwnSource own_source() const noexcept {
    std::array<std::uint16_t, 2> words;
    std::memcpy(words.data(), &backend, sizeof words);
    return {Be16::from_wire(words[0]), PoolSlot{static_cast<std::uint16_t>(words[1] & ~kOwesAddress)}};
  }
  // full-nat alone: its backend is still to be told the client's address. A bit of a word that the fast path reads anyway.
  bool owes_address() const noexcept { return (pool_word() & kOwesAddress) != 0; }
  void set_owes_address(bool owes) noexcept {
    const auto word = static_cast<std::uint16_t>((pool_word() & ~kOwesAddress) | (owes ? kOwesAddress : 0));
    std::memcpy(reinterpret_cast<std::byte*>(&backend) + sizeof word, &word, sizeof word);
  }
  // For full-nat, once addresses and ports are in place: `target` is the backend's address, `source` the pool's.
  void set_own_source(OwnSource own, const IpAddress& source, const IpAddress& target) noexcept {
    const std::array words{own.port.wire, static_cast<std::uint16_t>(own.pool)};
    backend = {};
    std::memcpy(static_cast<void*>(&backend), words.data(), sizeof words);
    l4_delta = checksum_delta(sum_bytes(&client, sizeof client) + client_port.wire + sum_bytes(&vip, sizeof vip) + vip_port.wire,
                              sum_address(source) + own.port.wire + sum_address(target) + backend_port.wire);
  }

  std::uint16_t pool_word() const noexcept {
    std::uint16_t word;
    std::memcpy(&word, reinterpret_cast<const std::byte*>(&backend) + sizeof word, sizeof word);
    return word;
  }

  Key client_key() const noexcept { return Key{{client, client_port, protocol}, vip, vip_port}; }
  Key reply_key() const noexcept { return Key{{client, client_port, protocol}, backend, backend_port}; }
};

using ConnEntry4 = ConnEntry<Ipv4Address>;
using ConnEntry6 = ConnEntry<Ipv6Address>;
using ConnKey4 = ConnEntry4::Key;
using ConnKey6 = ConnEntry6::Key;

static_assert(sizeof(ConnEntry4) == kCacheLineBytes / 2 && sizeof(ConnEntry6) == 2 * kCacheLineBytes);
static_assert(sizeof(ClientEnd<Ipv4Address>) == 8 && sizeof(ConnKey4) == 16 && sizeof(ConnKey6) == 40);
static_assert(offsetof(ConnEntry4, vip) == 8 && offsetof(ConnEntry4, backend) == 16);
static_assert(offsetof(ConnEntry6, vip) == 20 && offsetof(ConnEntry6, backend) == 40 && offsetof(ConnEntry6, route_version) == 64);
static_assert(std::is_trivially_copyable_v<ConnEntry4> && std::is_trivially_copyable_v<ConnEntry6>);

// Does a packet with this key belong to the entry? Only nat's replies can be told from the entry's own backend end.
inline bool matches(const ConnEntry4& entry, const ConnKey4& key, Direction direction) noexcept {
  const bool reply = direction == Direction::from_backend;
  const std::uint64_t far = load_word(&entry, reply ? 16 : 8);
  // The last byte of a client end (state, method) and the last two of a far end (slot, adjacency) are not part of the key.
  const std::uint64_t differs = (load_word(&entry, 0) ^ load_word(&key, 0)) << 8 | (far ^ load_word(&key, 8)) << 16;
  return differs == 0 && (!reply || entry.method == ForwardingMethod::nat);
}

// The key's words as it was written, five of them; a client's end is 20 bytes, so half of the third word is the far end's.
inline bool matches(const ConnEntry6& entry, const ConnKey6& key, Direction direction) noexcept {
  const bool reply = direction == Direction::from_backend;
  const std::size_t far = reply ? offsetof(ConnEntry6, backend) : offsetof(ConnEntry6, vip);
  constexpr std::uint64_t kNotStateAndMethod = 0xffff'ffff'00ff'ffff;
  const std::uint64_t middle = (load_word(&entry, 16) & 0xffff'ffff) | load_word(&entry, far) << 32;
  const std::uint64_t differs = (load_word(&entry, 0) ^ load_word(&key, 0)) | (load_word(&entry, 8) ^ load_word(&key, 8)) |
                                ((middle ^ load_word(&key, 16)) & kNotStateAndMethod) | (load_word(&entry, far + 4) ^ load_word(&key, 24)) |
                                (load_word(&entry, far + 12) ^ load_word(&key, 32)) << 16;
  return differs == 0 && (!reply || entry.method == ForwardingMethod::nat);
}

}  // namespace tandem
