// SPDX-License-Identifier: Apache-2.0
// Packets sorted by what the next loop does with them, so that no loop branches on it.
#pragma once

#include <array>
#include <cstring>

#include "dataplane/conn/port_book.h"
#include "dataplane/conn/table.h"
#include "dataplane/packet/batch.h"

namespace tandem {

// A ConnKey6 as it lies in memory.
struct KeyWords6 {
  std::uint64_t first, second, third, fourth, fifth;
};
static_assert(sizeof(KeyWords6) == sizeof(ConnKey6));

// Packets of one family and direction on their way to the table, each with its key: made while the headers are in
// registers, and the client ends apart, as TableHasher::batch takes them.
template <typename Entry>
struct FindLane {
  using Key = typename Entry::Key;

  Lane packets;
  std::array<ClientEnd<typename Entry::AddressType>, kBatchMax> ends;
  std::array<Key, kBatchMax> keys;
  std::array<TableHash, kBatchMax> hashes;  // found in between
  std::array<Candidate, kBatchMax> candidates;

  void push(Packet& packet, const Key& key) noexcept {
    const std::size_t place = packets.size();
    packets.push(&packet);
    ends[place] = key.client;
    keys[place] = key;
  }
  // Word by word: a key that were put together in memory first would be copied from there before it has arrived.
  void push(Packet& packet, const KeyWords6& key) noexcept {
    const std::size_t place = packets.size();
    packets.push(&packet);
    const auto put = [](void* to, std::size_t at, auto word) { std::memcpy(static_cast<std::byte*>(to) + at, &word, sizeof word); };
    Key& whole = keys[place];
    put(&whole, 0, key.first), put(&whole, 8, key.second), put(&whole, 16, key.third), put(&whole, 24, key.fourth),
        put(&whole, 32, key.fifth);
    ClientEnd<typename Entry::AddressType>& end = ends[place];
    put(&end, 0, key.first), put(&end, 8, key.second), put(&end, 16, static_cast<std::uint32_t>(key.third));
  }
};

// One family's packets between two passes.
template <typename Entry>
struct FamilyLanes {
  FindLane<Entry> from_client, from_backend;        // classify → find
  std::array<Lane, kForwardingMethods> to_backend;  // find → rewrite
  Lane to_client, to_client_full_nat;
  Lane undecided_from_client, undecided_from_backend;  // find → choose: no entry that decides alone

  Lane& by(ForwardingMethod method) noexcept { return to_backend[static_cast<std::size_t>(method)]; }

  void clear() noexcept {
    from_client.packets.clear();
    from_backend.packets.clear();
    for (Lane& lane : to_backend) lane.clear();
    for (Lane* lane : {&to_client, &to_client_full_nat, &undecided_from_client, &undecided_from_backend}) lane->clear();
  }
};

// Replies to full-nat, of both families: classify → find_by_port.
struct PoolLane {
  Lane packets;
  std::array<PoolSlot, kBatchMax> pools;
  std::array<ConnPlace, kBatchMax> places;  // found in between

  void push(Packet& packet, PoolSlot pool) noexcept {
    pools[packets.size()] = pool;
    packets.push(&packet);
  }
};

struct Lanes {
  FamilyLanes<ConnEntry4> v4;
  FamilyLanes<ConnEntry6> v6;
  PoolLane from_pools;
  Lane later_fragments;  // classify → forward_later_fragments

  void clear() noexcept { v4.clear(), v6.clear(), from_pools.packets.clear(), later_fragments.clear(); }
};

}  // namespace tandem
