// SPDX-License-Identifier: Apache-2.0
// Where services listen and backends stand, read and shown again.
#include "controlplane/config/units.h"

namespace tandem::config {
namespace {

// Shorter ones would take what is others': no operator has a /7.
constexpr std::uint8_t kShortestIpv4 = 8, kShortestIpv6 = 32;

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(std::string{"'"}.append(text.substr(0, 128)).append("' ").append(why));
}

// Brackets around IPv6, which has colons itself.
std::string_view without_brackets(std::string_view text) {
  return text.starts_with('[') && text.ends_with(']') ? text.substr(1, text.size() - 2) : text;
}

Result<Prefix> read_prefix(std::string_view text) {
  const Result<Prefix> prefix = parse_prefix(without_brackets(text));
  if (!prefix) return prefix;
  const bool v4 = prefix->address.family == Family::ipv4;
  if (v4 == text.starts_with('[')) return refuse(text, v4 ? "has brackets around IPv4" : "needs brackets, as in [2001:db8::/64]:443/tcp");
  if (prefix->network() != prefix->address)
    return refuse(text, "has bits behind its length; expected " + to_string(Prefix{prefix->network(), prefix->length}));
  if (prefix->length < (v4 ? kShortestIpv4 : kShortestIpv6)) return refuse(text, v4 ? "is shorter than /8" : "is shorter than /32");
  return prefix;
}

Listen listen_at(const Prefix& at, PortRange ports, Protocol protocol) {
  return {at.address, ports.first, protocol, ports.more, static_cast<std::uint8_t>(at.address.bits() - at.length)};
}

// A prefix, several ports, or both.
Result<Listen> read_wide(std::string_view at, std::string_view ports, Protocol protocol) {
  const Result<PortRange> range = parse_ports(ports);
  if (!range) return fail(range.error());
  if (at.find('/') != at.npos) return read_prefix(at).map([&](const Prefix& prefix) { return listen_at(prefix, *range, protocol); });
  const Result<Endpoint> one = parse_endpoint(std::string{at}.append(":1"));  // with the messages of a single port
  if (!one) return refuse(at, "is not an address or prefix; expected one as in 203.0.113.10, 203.0.113.64/28 or [2001:db8::/64]");
  return listen_at({one->address, static_cast<std::uint8_t>(one->address.bits())}, *range, protocol);
}

}  // namespace

Result<PortRange> parse_ports(std::string_view text) {
  if (text == "*") return kAllPorts;
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return parse_port(text).map([](std::uint16_t port) { return PortRange{port, 0}; });
  const Result<std::uint16_t> first = parse_port(text.substr(0, dash)), last = parse_port(text.substr(dash + 1));
  if (!first || !last) return refuse(text, "is not a range of ports; expected one as in 8000-8099");
  if (*first >= *last) return refuse(text, "ends before it begins; expected the lower port first");
  return PortRange{*first, static_cast<std::uint16_t>(*last - *first)};
}

Result<Listen> parse_listen(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == text.npos || text.find(':', slash) != text.npos)
    return refuse(text, "has no protocol; expected address, port and protocol as in 203.0.113.10:80/tcp");
  const Result<Protocol> protocol = parse_protocol(text.substr(slash + 1));
  if (!protocol) return fail(protocol.error());
  const std::string_view endpoint = text.substr(0, slash);
  const std::size_t colon = std::min(endpoint.rfind(':'), endpoint.size());
  const std::string_view at = endpoint.substr(0, colon), ports = endpoint.substr(std::min(colon + 1, endpoint.size()));
  if (at.find('/') != at.npos || ports == "*" || ports.find('-') != ports.npos) return read_wide(at, ports, *protocol);
  return parse_endpoint(endpoint).map([&](const Endpoint& one) { return Listen{one.address, one.port, *protocol}; });
}

// Without a port, and then without the brackets that would part it from one.
Result<Endpoint> parse_backend_address(std::string_view text) {
  const Result<IpAddress> alone = parse_address(text);
  if (!alone) return parse_endpoint(text);
  if (alone->is_unspecified()) return refuse(text, "is the unspecified address and cannot be a backend");
  return Endpoint{*alone, 0};
}

std::string to_string(const PortRange& ports) {
  if (ports.is_all()) return "*";
  const std::string first = std::to_string(ports.first);
  return ports.is_one() ? first : first + "-" + std::to_string(ports.last());
}

std::string to_string(const Listen& listen) {
  std::string at = listen.host_bits == 0 ? tandem::to_string(listen.address) : tandem::to_string(listen.prefix());
  if (listen.address.family == Family::ipv6) at = "[" + at + "]";
  return at.append(":").append(to_string(listen.ports())).append("/").append(tandem::to_string(listen.protocol));
}

std::string show_backend_address(const Endpoint& address) {
  return address.port == 0 ? tandem::to_string(address.address) : tandem::to_string(address);
}

}  // namespace tandem::config
