// SPDX-License-Identifier: Apache-2.0
// Answers, for an address of a packet, "is it a VIP?" and "which service?"; for a packet's source, "is it a backend of a nat
// service?". Immutable open-addressed tables, small enough for L1 or L2. Keys are hashed with a plain multiplicative hash:
// the operator, not a stranger, chooses what is in them, and probing is bounded by the build (kMaxProbes).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"

namespace tandem {

inline constexpr ServiceId kNoService{0xffff};

inline constexpr std::uint8_t kVipOneWay = 1;  // every service of this VIP is one-way: the receiving queue may own the flow

struct VipEntry {
  IpAddress address;
  std::uint8_t flags = 0;
};

struct ListenEntry {
  IpAddress address;
  Protocol protocol{};
  std::uint16_t port = 0;  // host order
  ServiceId service{};
};

// A nat backend's (address, protocol, port). `service` is kNoService when several services share it.
struct NatBackendEntry {
  IpAddress address;
  Protocol protocol{};
  std::uint16_t port = 0;
  ServiceId service{};
  BackendSlot slot{};
};

class VipIndex {
 public:
  VipIndex() = default;
  VipIndex(std::span<const VipEntry> vips, std::span<const ListenEntry> listens, std::span<const NatBackendEntry> backends);

  const VipEntry* find_vip(Ipv4Address address) const noexcept;
  const VipEntry* find_vip(const Ipv6Address& address) const noexcept;
  const VipEntry* find_vip(const IpAddress& address) const noexcept;
  ServiceId find_service(const IpAddress& vip, Protocol protocol, std::uint16_t port) const noexcept;
  const NatBackendEntry* find_nat_backend(Ipv4Address address, Protocol protocol, Be16 port) const noexcept;
  const NatBackendEntry* find_nat_backend(const Ipv6Address& address, Protocol protocol, Be16 port) const noexcept;

  std::span<const VipEntry> vips() const { return vips_; }
  std::span<const ListenEntry> listens() const { return listens_; }
  std::span<const NatBackendEntry> nat_backends() const { return backends_; }

 private:
  std::vector<VipEntry> vips_;
  std::vector<ListenEntry> listens_;
  std::vector<NatBackendEntry> backends_;
  std::vector<std::uint16_t> vip_slots_, listen_slots_, backend_slots_;  // places in the vectors above + 1; 0 is empty
};

}  // namespace tandem
