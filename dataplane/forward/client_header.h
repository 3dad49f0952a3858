// SPDX-License-Identifier: Apache-2.0
// The bytes that tell a full-nat backend its client's address and port.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/conn/entry.h"

namespace tandem {

// TCP option 254 as LVS and DPVS write it: kind, length, port, address; of IPv6 the address is longer, whatever family the backend has.
inline constexpr std::uint8_t kToaKind = 254;
template <typename Address>
inline constexpr std::size_t kToaBytes = 4 + sizeof(Address);

// The PROXY protocol, version 2 (haproxy's doc/proxy-protocol.txt 2.2): sixteen bytes, then both ends.
template <typename Address>
inline constexpr std::size_t kProxyBytes = 16 + 2 * sizeof(Address) + 4;

// How much room in each of its first segments a client leaves for what is put in.
template <typename Entry>
constexpr std::uint16_t told_bytes(ClientAddress tells) noexcept {
  using Address = typename Entry::AddressType;
  if (tells == ClientAddress::none) return 0;
  return static_cast<std::uint16_t>(tells == ClientAddress::toa ? kToaBytes<Address> : kProxyBytes<Address>);
}

template <typename Entry>
std::array<std::uint8_t, kToaBytes<typename Entry::AddressType>> toa_of(const Entry& entry) noexcept {
  std::array<std::uint8_t, kToaBytes<typename Entry::AddressType>> option{kToaKind, sizeof option};
  std::memcpy(option.data() + 2, &entry.client_port, sizeof entry.client_port);
  std::memcpy(option.data() + 4, &entry.client, sizeof entry.client);
  return option;
}

inline constexpr std::array<std::uint8_t, 12> kProxySignature{0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 'Q', 'U', 'I', 'T', 0x0a};

template <typename Entry>
std::array<std::uint8_t, kProxyBytes<typename Entry::AddressType>> proxy_header_of(const Entry& entry) noexcept {
  using Address = typename Entry::AddressType;
  constexpr bool kIpv4 = std::is_same_v<Address, Ipv4Address>;
  std::array<std::uint8_t, kProxyBytes<Address>> header{};
  std::memcpy(header.data(), kProxySignature.data(), kProxySignature.size());
  std::uint8_t* at = header.data() + kProxySignature.size();
  *at++ = 0x21;                 // version 2, PROXY
  *at++ = kIpv4 ? 0x11 : 0x21;  // TCP over IPv4, over IPv6
  *at++ = 0;
  *at++ = sizeof header - 16;
  std::memcpy(at, &entry.client, sizeof(Address));
  std::memcpy(at + sizeof(Address), &entry.vip, sizeof(Address));
  std::memcpy(at + 2 * sizeof(Address), &entry.client_port, 2);
  std::memcpy(at + 2 * sizeof(Address) + 2, &entry.vip_port, 2);
  return header;
}

}  // namespace tandem
