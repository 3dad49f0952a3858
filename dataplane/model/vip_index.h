// SPDX-License-Identifier: Apache-2.0
// Answers, for an address of a packet, "is it a VIP?" and "which service?"; for a packet's source, "is it a backend of a nat
// service?". Immutable; what every packet asks is inline. Keys are hashed with a plain
// multiplicative hash: the operator, not a stranger, chooses what is in them, and probing is bounded by the build.
// An IPv4 key (address, port, protocol) is held whole; of an IPv6 one, a fingerprint that is unique among those held, and
// the entry is compared. Prefixes, ranges of ports and all ports are asked for once nothing has the very address and port, so a
// configuration without them pays one test of a size for what is not found.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/model/address_fingerprint.h"
#include "dataplane/model/flat_index.h"
#include "dataplane/model/group.h"
#include "dataplane/model/pool.h"
#include "dataplane/model/port_spans.h"
#include "dataplane/model/service.h"

namespace tandem {

inline constexpr std::uint8_t kVipOneWay = 1;  // every service of this VIP is one-way: the receiving queue may own the flow
inline constexpr std::uint8_t kVipPool = 2;    // no VIP, but a source address of full-nat: replies come to it

struct VipEntry {
  IpAddress address;  // of a prefix: its network
  std::uint8_t flags = 0;
  GroupId group = kNoGroup;
  PoolSlot pool = kNoPool;     // of a source address
  std::uint8_t host_bits = 0;  // of a prefix: how many of the address' bits it leaves open

  bool is_prefix() const noexcept { return host_bits != 0; }
  Prefix prefix() const noexcept { return {address, static_cast<std::uint8_t>(address.bits() - host_bits)}; }
};

struct ListenEntry {
  IpAddress address;
  Protocol protocol{};
  std::uint16_t port = 0;  // host order; the first, where there are more
  ServiceId service{};
  std::uint16_t more_ports = 0;
  std::uint8_t host_bits = 0;

  bool is_wide() const noexcept { return more_ports != 0 || host_bits != 0; }
  Prefix prefix() const noexcept { return {address, static_cast<std::uint8_t>(address.bits() - host_bits)}; }
  PortRange ports() const noexcept { return {port, more_ports}; }
};

// A nat backend's (address, protocol, port), or ports, where it is asked at whatever port its clients asked for. `service` is kNoService
// when several services share it, because each has it or borrows it as a fallback's, or when a reply does not tell the VIP or its port;
// `groups` then has a bit for each of their groups, or all bits where nobody has worked it out, and their connections are told apart by
// `sharers`, as far as these are told (nat_backends.h).
struct NatBackendEntry {
  IpAddress address;
  Protocol protocol{};
  std::uint16_t port = 0;
  ServiceId service{};
  BackendSlot slot{};
  std::uint32_t groups = ~0U;
  std::uint16_t more_ports = 0;
  std::uint32_t first_sharer = 0, sharers = 0;  // places in VipIndex::sharers()

  bool is_wide() const noexcept { return more_ports != 0; }
  Prefix prefix() const noexcept { return {address, static_cast<std::uint8_t>(address.bits())}; }
  PortRange ports() const noexcept { return {port, more_ports}; }
};

// One of the services that share a backend's address and port; its slot is its own, or its fallback's.
struct NatSharer {
  ServiceId service{};
  BackendSlot slot{};
};

class VipIndex {
 public:
  VipIndex() = default;
  // No two entries of one span have the same key; protocols are tcp and udp. `reserved`: addresses that are no VIPs although a
  // prefix holds them: the nodes' own, gateways.
  VipIndex(std::span<const VipEntry> vips, std::span<const ListenEntry> listens, std::span<const NatBackendEntry> backends,
           std::vector<NatSharer> sharers = {}, std::span<const IpAddress> reserved = {});

  const VipEntry* find_vip(Ipv4Address address) const noexcept {
    const std::size_t place = vips4_.find(key_of(address));
    if (place == 0 && !prefixes_.empty()) [[unlikely]]
      return find_prefix(IpAddress{address});
    return entry(vips_, place);
  }
  const VipEntry* find_vip(const Ipv6Address& address) const noexcept {
    const VipEntry* found = entry(vips_, vips6_.index.find(fingerprint(address, 0, vips6_.salt)));
    if (found != nullptr && found->address.v6() == address) [[likely]]
      return found;
    return prefixes_.empty() ? nullptr : find_prefix(IpAddress{address});
  }
  const VipEntry* find_vip(const IpAddress& address) const noexcept;
  ServiceId find_service(const IpAddress& vip, Protocol protocol, std::uint16_t port) const noexcept;

  const NatBackendEntry* find_nat_backend(Ipv4Address address, Protocol protocol, Be16 port) const noexcept {
    if (!has_ports(protocol)) return nullptr;
    const std::size_t place = backends4_.find(key_of(address, protocol, port));
    if (place == 0 && !wide_backends_.spans.empty()) [[unlikely]]
      return wide_backends_.find(IpAddress{address}, protocol, port.host());
    return entry(backends_, place);
  }
  const NatBackendEntry* find_nat_backend(const Ipv6Address& address, Protocol protocol, Be16 port) const noexcept {
    const NatBackendEntry* found = entry(backends_, backends6_.index.find(fingerprint(address, rest_of(protocol, port), backends6_.salt)));
    if (found != nullptr && found->address.v6() == address && found->protocol == protocol && found->port == port.host()) [[likely]]
      return found;
    return wide_backends_.spans.empty() ? nullptr : wide_backends_.find(IpAddress{address}, protocol, port.host());
  }

  bool has_nat_backend(const IpAddress& address) const noexcept;  // at any port

  std::span<const NatSharer> sharers_of(const NatBackendEntry& backend) const noexcept {
    return std::span{sharers_}.subspan(backend.first_sharer, backend.sharers);
  }

  std::span<const VipEntry> vips() const { return vips_; }  // single addresses
  std::span<const VipEntry> vip_prefixes() const { return vip_prefixes_; }
  std::span<const NatBackendEntry> nat_backends() const { return backends_; }  // at one port
  std::span<const NatBackendEntry> wide_nat_backends() const { return wide_backends_.entries; }

 private:
  // Entries of more than one address or port.
  template <typename Entry>
  struct Wide {
    std::vector<Entry> entries;
    PortSpans spans;

    void index(std::span<const Entry> given);
    const Entry* find(const IpAddress& address, Protocol protocol, std::uint16_t port) const noexcept {
      return entry(entries, spans.find(address, protocol, port));
    }
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
  // Of an IPv6 key, what is beside the address.
  static std::uint64_t rest_of(Protocol protocol, Be16 port) noexcept {
    return std::uint64_t{port.wire} << 8 | static_cast<std::uint64_t>(protocol);
  }
  const VipEntry* find_prefix(const IpAddress& address) const noexcept;
  const ListenEntry* find_exactly(const IpAddress& vip, Protocol protocol, std::uint16_t port) const noexcept;
  template <typename Entry>
  static void index_entries(std::span<const Entry> given, std::vector<Entry>& entries, FlatIndex& v4, Fingerprints& v6);

  std::vector<VipEntry> vips_, vip_prefixes_;
  std::vector<ListenEntry> listens_;
  std::vector<NatBackendEntry> backends_;
  PrefixIndex prefixes_;  // of vip_prefixes_
  Wide<ListenEntry> wide_listens_;
  Wide<NatBackendEntry> wide_backends_;
  std::vector<NatSharer> sharers_;
  std::vector<IpAddress> backend_addresses_, reserved_;  // sorted
  FlatIndex vips4_, backends4_, listens4_;
  Fingerprints vips6_, backends6_, listens6_;
};

}  // namespace tandem
