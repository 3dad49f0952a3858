// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/conn_world.h"

#include <rte_hash.h>
#include <rte_hash_crc.h>

#include <string>

#include "common/base/ensure.h"

namespace tandem::bench {
namespace {

// Bijective on 48 bits, so that numbers never share a client end: odd multiplications and xor with own high bits.
std::uint64_t scatter48(std::uint64_t x) {
  constexpr std::uint64_t kMask = (std::uint64_t{1} << 48) - 1;
  x = (x * 0x9e3779b97f4a7c15) & kMask;
  x ^= x >> 23;
  x = (x * 0xbf58476d1ce4e5b9) & kMask;
  return x ^ (x >> 25);
}

MemoryBlock memory(std::size_t bytes, bool hugepages) {
  MemoryBlock block = hugepages ? hugetlb_memory(bytes) : anonymous_memory(bytes);
  ensure(static_cast<bool>(block));
  return block;
}

}  // namespace

ConnEntry4 connection(std::uint64_t number) {
  const std::uint64_t end = scatter48(number);
  ConnEntry4 entry;
  entry.client = Ipv4Address{Be32::from_wire(static_cast<std::uint32_t>(end))};
  entry.client_port = Be16{static_cast<std::uint16_t>(end >> 32)};
  entry.protocol = Protocol::tcp;
  entry.state = ConnState::established;
  entry.vip = Ipv4Address{Be32{0x0a000001 + static_cast<std::uint32_t>(end % 16)}};
  entry.vip_port = Be16{80};
  entry.backend = Ipv4Address{Be32{0x0a010001 + static_cast<std::uint32_t>(end % 100)}};
  entry.backend_port = Be16{8080};
  entry.method = ForwardingMethod::nat;
  return entry;
}

World::World(std::size_t live, bool hugepages)
    : live_{live},
      table_{live + kChunk, memory(ConnTable4::bytes_for(live + kChunk), hugepages)},
      reference_memory_{memory(live * sizeof(ConnEntry4), hugepages)} {
  rte_hash_parameters parameters{};
  const std::string name = "reference" + std::to_string(live);
  parameters.name = name.c_str();
  parameters.entries = static_cast<std::uint32_t>(live + kChunk);
  parameters.key_len = sizeof(ConnKey4);
  parameters.hash_func = rte_hash_crc;
  reference_ = rte_hash_create(&parameters);
  ensure(reference_ != nullptr);
  fill();
}

World::~World() { rte_hash_free(reference_); }

void World::fill() {
  for (std::size_t i = 0; i < live_; ++i) {
    const ConnEntry4 entry = connection(i);
    const ConnKey4 key = entry.client_key();
    const TableHash hash = hasher_(key.client);
    ensure(table_.insert(hash, entry, ConnDetail{}).entry != nullptr);
    reference_entries()[i] = entry;
    const int failed = rte_hash_add_key_data(reference_, &key, reference_entries() + i);
    ensure(failed == 0);
  }
}

std::size_t World::bytes() const { return ConnTable4::bytes_for(live_) + Expiry::bytes_for(ConnTable4::slots_for(live_)); }

std::uint64_t World::random() {  // splitmix64
  std::uint64_t x = random_ += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void World::pick_known(Chunk& chunk) {
  for (std::size_t i = 0; i < kChunk; ++i) {
    const ConnEntry4 entry = connection(random() % live_);
    chunk.directions[i] = Direction::from_client;  // rte_hash would need a second key for replies, so both look up clients alone
    chunk.keys[i] = entry.client_key();
    chunk.hashes[i] = hasher_(chunk.keys[i].client);
  }
}

void World::pick_unknown(Chunk& chunk) {
  for (std::size_t i = 0; i < kChunk; ++i) {
    chunk.keys[i] = connection(unknown_++).client_key();
    chunk.hashes[i] = hasher_(chunk.keys[i].client);
    chunk.directions[i] = Direction::from_client;
  }
}

}  // namespace tandem::bench
