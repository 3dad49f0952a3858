// SPDX-License-Identifier: Apache-2.0
// Answers, for an address of a packet, "is it a VIP?" and "which service?"; for a packet's source, "is it a backend of a nat
// service?". Immutable; the IPv4 paths are inline because every packet takes them. Keys are hashed with a plain
// multiplicative hash: the operator, not a stranger, chooses what is in them, and probing is bounded by the build.
// An IPv4 key (address, port, protocol) is held whole; of an IPv6 one, a fingerprint that is unique among those held, and
// the entry is compared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/model/flat_index.h"
#include "dataplane/model/group.h"
#include "dataplane/model/pool.h"
#include "dataplane/model/service.h"

namespace tandem {

inline constexpr std::uint8_t kVipOneWay = 1;  // every service of this VIP is one-way: the receiving queue may own the flow
inline constexpr std::uint8_t kVipPool = 2;    // no VIP, but a source address of full-nat: replies come to it

struct VipEntry {
  IpAddress address;
  std::uint8_t flags = 0;
  GroupId group = kNoGroup;
  PoolSlot pool = kNoPool;  // of a source address
};

struct ListenEntry {
  IpAddress address;
  Protocol protocol{};
  std::uint16_t port = 0;  // host order
  ServiceId service{};
};

// A nat backend's (address, protocol, port). `service` is kNoService when several services share it, because each has it or borrows it
// as a fallback's; `groups` then has a bit for each of their groups, or all bits where nobody has worked it out, and their connections
// are told apart by `sharers`, as far as these are told.
struct NatBackendEntry {
  IpAddress address;
  Protocol protocol{};
  std::uint16_t port = 0;
  ServiceId service{};
  BackendSlot slot{};
  std::uint32_t groups = ~0U;
  std::uint32_t first_sharer = 0, sharers = 0;  // places in VipIndex::sharers()
};

// One of the services that share a backend's address and port; its slot is its own, or its fallback's.
struct NatSharer {
  ServiceId service{};
  BackendSlot slot{};
};

class VipIndex {
 public:
  VipIndex() = default;
  // No two entries of one span have the same key; protocols are tcp and udp.
  VipIndex(std::span<const VipEntry> vips, std::span<const ListenEntry> listens, std::span<const NatBackendEntry> backends,
           std::vector<NatSharer> sharers = {});

  const VipEntry* find_vip(Ipv4Address address) const noexcept { return entry(vips_, vips4_.find(key_of(address))); }
  const VipEntry* find_vip(const Ipv6Address& address) const noexcept;
  const VipEntry* find_vip(const IpAddress& address) const noexcept;
  ServiceId find_service(const IpAddress& vip, Protocol protocol, std::uint16_t port) const noexcept;

  const NatBackendEntry* find_nat_backend(Ipv4Address address, Protocol protocol, Be16 port) const noexcept {
    return has_ports(protocol) ? entry(backends_, backends4_.find(key_of(address, protocol, port))) : nullptr;
  }
  const NatBackendEntry* find_nat_backend(const Ipv6Address& address, Protocol protocol, Be16 port) const noexcept;

  bool has_nat_backend(const IpAddress& address) const noexcept;  // at any port

  std::span<const NatSharer> sharers_of(const NatBackendEntry& backend) const noexcept {
    return std::span{sharers_}.subspan(backend.first_sharer, backend.sharers);
  }

  std::span<const VipEntry> vips() const { return vips_; }
  std::span<const ListenEntry> listens() const { return listens_; }
  std::span<const NatBackendEntry> nat_backends() const { return backends_; }

 private:
  // An index of fingerprints, and the salt that keeps them apart.
  struct Fingerprints {
    FlatIndex index;
    std::uint64_t salt = 0;
  };

  template <typename Entry>
  static const Entry* entry(const std::vector<Entry>& entries, std::size_t place) noexcept {
    return place == 0 ? nullptr : entries.data() + (place - 1);
  }
  static bool has_ports(Protocol protocol) noexcept { return protocol == Protocol::tcp || protocol == Protocol::udp; }
  static std::uint64_t key_of(Ipv4Address address) noexcept { return address.value.wire; }
  // tcp (6) and udp (17) differ in their lowest bit, and with that the key has its 49 bits.
  static std::uint64_t key_of(Ipv4Address address, Protocol protocol, Be16 port) noexcept {
    return std::uint64_t{address.value.wire} << 17 | std::uint64_t{port.wire} << 1 | (static_cast<std::uint64_t>(protocol) & 1);
  }
  template <typename Entry>
  static void index_entries(std::span<const Entry> given, std::vector<Entry>& entries, FlatIndex& v4, Fingerprints& v6);

  std::vector<VipEntry> vips_;
  std::vector<ListenEntry> listens_;
  std::vector<NatBackendEntry> backends_;
  std::vector<NatSharer> sharers_;
  std::vector<IpAddress> backend_addresses_;  // sorted
  FlatIndex vips4_, backends4_, listens4_;
  Fingerprints vips6_, backends6_, listens6_;
};

}  // namespace tandem
