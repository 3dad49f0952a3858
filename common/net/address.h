// SPDX-License-Identifier: Apache-2.0
// Addresses as values: MAC, IPv4, IPv6, either family, prefixes, and "address:port". Bytes are in wire order.
// Text is read strictly (RFC 4291 and 5952 for IPv6; no leading zeros in IPv4) and each refusal says what was expected.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/net/byte_order.h"

namespace tandem {

enum class Family : std::uint8_t { ipv4 = 4, ipv6 = 6 };

struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  constexpr bool is_multicast() const { return (bytes[0] & 1) != 0; }  // broadcast included
  constexpr bool is_zero() const { return *this == MacAddress{}; }
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

struct Ipv4Address {
  Be32 value;

  friend constexpr bool operator==(Ipv4Address, Ipv4Address) = default;
};

// By two words: the compiler makes a call of what compares sixteen bytes.
constexpr bool same_bytes(const std::array<std::uint8_t, 16>& one, const std::array<std::uint8_t, 16>& other) noexcept {
  using Halves = std::array<std::uint64_t, 2>;
  const auto a = std::bit_cast<Halves>(one), b = std::bit_cast<Halves>(other);
  return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
}

struct Ipv6Address {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr auto operator<=>(const Ipv6Address&, const Ipv6Address&) = default;
  friend constexpr bool operator==(const Ipv6Address& one, const Ipv6Address& other) noexcept { return same_bytes(one.bytes, other.bytes); }
};

// Either family in 16 bytes: IPv4 is held v4-mapped (::ffff:a.b.c.d), so one comparison serves both.
struct IpAddress {
  Family family = Family::ipv4;
  std::array<std::uint8_t, 16> bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

  IpAddress() = default;
  IpAddress(Ipv4Address v4) { std::memcpy(bytes.data() + 12, &v4, 4); }  // NOLINT(google-explicit-constructor): a v4 address is an address
  IpAddress(const Ipv6Address& v6) : family{Family::ipv6}, bytes{v6.bytes} {}  // NOLINT(google-explicit-constructor)

  Ipv4Address v4() const {
    Ipv4Address out;
    std::memcpy(&out, bytes.data() + 12, 4);
    return out;
  }
  Ipv6Address v6() const { return Ipv6Address{bytes}; }
  unsigned bits() const { return family == Family::ipv4 ? 32 : 128; }
  bool is_multicast() const;
  bool is_unspecified() const;
  bool is_link_local() const;
  bool is_loopback() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  friend bool operator==(const IpAddress& one, const IpAddress& other) noexcept {
    return one.family == other.family && same_bytes(one.bytes, other.bytes);
  }
};

// length counts bits of the family's own address: 0…32 or 0…128. Host bits are kept: "10.0.0.1/24" is an interface's address.
struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;

  bool contains(const IpAddress& other) const;
  IpAddress network() const;  // host bits cleared
  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

enum class Protocol : std::uint8_t { icmp = 1, tcp = 6, udp = 17, icmpv6 = 58 };

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;  // host order

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

Result<MacAddress> parse_mac(std::string_view text);     // "02:00:00:00:00:11"
Result<IpAddress> parse_address(std::string_view text);  // "10.0.0.1", "fd00::1"
Result<Prefix> parse_prefix(std::string_view text);      // "10.0.0.0/24"; the length is obligatory
Result<Endpoint> parse_endpoint(std::string_view text);  // "10.0.0.1:80", "[fd00::1]:80"
Result<Protocol> parse_protocol(std::string_view text);  // "tcp", "udp"

std::string to_string(const MacAddress& mac);
std::string to_string(const IpAddress& address);  // RFC 5952
std::string to_string(const Prefix& prefix);
std::string to_string(const Endpoint& endpoint);  // brackets around IPv6
std::string_view to_string(Protocol protocol);

}  // namespace tandem
