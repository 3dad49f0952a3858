// SPDX-License-Identifier: Apache-2.0
#include "common/net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace tandem {
namespace {

constexpr std::size_t kV4Offset = 12;  // where the four bytes of an IPv4 address lie in an IpAddress

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 64;  // what a stranger wrote may be a megabyte long
  std::string shown{text.substr(0, kShown)};
  if (text.size() > kShown) shown += "…";
  return fail("'" + shown + "' " + std::string{why});
}

// Decimal without sign, leading zero or anything behind it.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned greatest) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return {};
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value > greatest) return {};
  return value;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_v4_mapped(const Ipv6Address& address) {
  constexpr std::array<std::uint8_t, kV4Offset> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin());
}

std::string format_v4(const std::uint8_t* bytes) {
  std::string text = std::to_string(bytes[0]);
  for (int i = 1; i < 4; ++i) text.append(1, '.').append(std::to_string(bytes[i]));
  return text;
}

void append_hex(std::string& text, unsigned value) {
  char digits[4];
  const auto [end, problem] = std::to_chars(digits, digits + sizeof digits, value, 16);
  text.append(digits, end);
}

struct ZeroRun {
  std::size_t start = 0, length = 0;
};

// RFC 5952 4.2: the longest run of zero groups, the first among equals, at least two groups.
ZeroRun longest_zero_run(const std::array<unsigned, 8>& groups) {
  ZeroRun best, run;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    run = groups[i] != 0 ? ZeroRun{i + 1, 0} : ZeroRun{run.start, run.length + 1};
    if (run.length > best.length) best = run;
  }
  return best.length >= 2 ? best : ZeroRun{};
}

std::string format_v6(const std::array<std::uint8_t, 16>& bytes) {
  if (is_v4_mapped(Ipv6Address{bytes})) return "::ffff:" + format_v4(bytes.data() + kV4Offset);  // RFC 5952 5
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  const ZeroRun zeros = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (zeros.length > 0 && i == zeros.start) {
      text += "::";
      i += zeros.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    append_hex(text, groups[i]);
  }
  return text;
}

}  // namespace

bool IpAddress::is_multicast() const { return family == Family::ipv4 ? bytes[kV4Offset] >> 4 == 0xe : bytes[0] == 0xff; }

bool IpAddress::is_unspecified() const {
  const auto* first = bytes.data() + (family == Family::ipv4 ? kV4Offset : 0);
  return std::all_of(first, bytes.data() + bytes.size(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_link_local() const {
  if (family == Family::ipv4) return bytes[kV4Offset] == 169 && bytes[kV4Offset + 1] == 254;  // RFC 3927
  return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;                                       // RFC 4291 2.5.6
}

bool IpAddress::is_loopback() const {
  if (family == Family::ipv4) return bytes[kV4Offset] == 127;
  return bytes[15] == 1 && std::all_of(bytes.data(), bytes.data() + 15, [](std::uint8_t byte) { return byte == 0; });
}

bool Prefix::contains(const IpAddress& other) const {
  return other.family == address.family && Prefix{other, length}.network() == network();
}

IpAddress Prefix::network() const {
  IpAddress out = address;
  std::size_t bit = length + (128u - address.bits());  // counted from the first of the 16 bytes
  for (; bit < 128 && bit % 8 != 0; ++bit) out.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
  for (; bit < 128; bit += 8) out.bytes[bit / 8] = 0;
  return out;
}

Result<MacAddress> parse_mac(std::string_view text) {
  constexpr std::string_view kExpected = "is not a MAC address; expected six pairs of hex digits as in 02:00:00:00:00:11";
  MacAddress mac;
  if (text.size() != 17) return refuse(text, kExpected);
  for (std::size_t i = 0; i < 6; ++i) {
    const int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);
    if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != ':')) return refuse(text, kExpected);
    mac.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return mac;
}

Result<IpAddress> parse_address(std::string_view text) {
  constexpr std::string_view kExpected = "is not an IP address; expected one as in 10.0.0.1 or fd00::1";
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return refuse(text, kExpected);
  std::array<char, INET6_ADDRSTRLEN> terminated{};  // inet_pton wants an end; it is strict about leading zeros
  std::copy(text.begin(), text.end(), terminated.begin());
  if (Ipv4Address v4; inet_pton(AF_INET, terminated.data(), &v4) == 1) return IpAddress{v4};
  Ipv6Address v6;
  if (inet_pton(AF_INET6, terminated.data(), v6.bytes.data()) != 1) {
    return refuse(text, text.find('/') != text.npos ? "has a /length; expected an address alone" : kExpected);
  }
  // Two spellings of one address would make two VIPs of it (and such addresses never stand on a wire, RFC 4291 2.5.5.2).
  if (is_v4_mapped(v6)) return refuse(text, "is an IPv4 address written as IPv6; expected " + format_v4(v6.bytes.data() + kV4Offset));
  return IpAddress{v6};
}

Result<Prefix> parse_prefix(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == text.npos) return refuse(text, "has no /length; expected a prefix as in 10.0.0.0/24 or fd00::/64");
  const Result<IpAddress> address = parse_address(text.substr(0, slash));
  if (!address) return fail(address.error());
  const auto length = parse_decimal(text.substr(slash + 1), address->bits());
  if (!length) return refuse(text, "has a wrong length; expected /0 to /" + std::to_string(address->bits()));
  return Prefix{*address, static_cast<std::uint8_t>(*length)};
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view kExpected = "is not an address and port; expected them as in 10.0.0.1:80 or [fd00::1]:80";
  if (parse_address(text)) return refuse(text, "has no port; expected one as in 10.0.0.1:80 or [fd00::1]:80");
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return refuse(text, kExpected);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const Result<IpAddress> address = parse_address(host);
  if (!address) return fail(address.error());
  if (bracketed != (address->family == Family::ipv6)) return refuse(text, kExpected);  // fd00::1:80 could be read two ways
  const auto port = parse_decimal(text.substr(colon + 1), 65535);
  if (!port || *port == 0) return refuse(text, "has a wrong port; expected 1 to 65535");
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

Result<Protocol> parse_protocol(std::string_view text) {
  if (text == "tcp") return Protocol::tcp;
  if (text == "udp") return Protocol::udp;
  return refuse(text, "is not a protocol; expected tcp or udp");
}

std::string to_string(const MacAddress& mac) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::uint8_t byte : mac.bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string to_string(const IpAddress& address) {
  return address.family == Family::ipv4 ? format_v4(address.bytes.data() + kV4Offset) : format_v6(address.bytes);
}

std::string to_string(const Prefix& prefix) { return to_string(prefix.address) + "/" + std::to_string(prefix.length); }

std::string to_string(const Endpoint& endpoint) {
  const std::string host = to_string(endpoint.address);
  return (endpoint.address.family == Family::ipv4 ? host : "[" + host + "]") + ":" + std::to_string(endpoint.port);
}

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::icmp:
      return "icmp";
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
    case Protocol::icmpv6:
      return "icmpv6";
  }
  return "unknown";
}

}  // namespace tandem
