// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/cell_row.h"

#include <optional>

#include "dataplane/packet/icmp.h"
#include "tests/support/slow_quote.h"

namespace tandem::test {

namespace {

struct End {
  IpAddress address;
  unsigned port = 0;  // 0: not told, as of a later fragment
};

// What tells whose packet it is: of an error, the packet that it quotes.
struct Ends {
  End source, target;
  unsigned protocol = 0;
};

struct Place {
  const WorldService* service = nullptr;
  bool from_backend = false;
};

// A backend without a port stands at whatever port its client asked for.
bool is_at(const Endpoint& known, const End& end) {
  return known.address == end.address && (end.port == 0 || known.port == 0 || known.port == end.port);
}

bool listens_at(const WorldService& service, const End& end) {
  const IpAddress& vip = service.listen.address;
  const Prefix prefix{vip, static_cast<std::uint8_t>(vip.bits() - service.host_bits)};
  const PortRange ports{service.listen.port, service.more_ports};
  return prefix.contains(end.address) && (end.port == 0 || ports.contains(static_cast<std::uint16_t>(end.port)));
}

bool has_backend(const WorldService& service, const End& end) {
  return std::ranges::any_of(service.backends, [&](const WorldBackend& backend) { return is_at(backend.endpoint, end); });
}

// The first service for which `fits` holds, rather one of the packet's protocol than another.
template <typename Fits>
const WorldService* find(const World& world, unsigned protocol, Fits&& fits) {
  const WorldService* found = nullptr;
  for (const WorldService& service : world.services) {
    if (!fits(service)) continue;
    if (static_cast<unsigned>(service.protocol) == protocol) return &service;
    if (found == nullptr) found = &service;
  }
  return found;
}

bool is_pool(const World& world, const IpAddress& address) {
  return std::ranges::any_of(world.pools, [&](const WorldPool& pool) { return pool.address == address; });
}

const WorldService* listening_at(const World& world, const Ends& ends, const End& end) {
  return find(world, ends.protocol, [&](const WorldService& service) { return listens_at(service, end); });
}

const WorldService* translating_for(const World& world, const Ends& ends, const End& backend, ForwardingMethod method) {
  return find(world, ends.protocol, [&](const WorldService& service) { return service.method == method && has_backend(service, backend); });
}

Place of_packet(const World& world, const Ends& ends) {
  if (const WorldService* service = listening_at(world, ends, ends.target)) return {service, false};
  if (const WorldService* service = listening_at(world, ends, ends.source)) return {service, true};
  const ForwardingMethod method = is_pool(world, ends.target.address) ? ForwardingMethod::full_nat : ForwardingMethod::nat;
  return {translating_for(world, ends, ends.source, method), true};
}

const WorldService* tunnelling_to(const World& world, const Ends& ends) {
  if (ends.protocol != 4 && ends.protocol != 41 && ends.target.port != kGuePort) return nullptr;
  return find(world, 0, [&](const WorldService& service) {
    return is_tunnelled(service.method) && has_backend(service, {ends.target.address, 0});
  });
}

// It comes from where the quoted packet went.
Place of_error(const World& world, const Ends& quoted) {
  if (const WorldService* service = listening_at(world, quoted, quoted.source)) return {service, false};
  if (const WorldService* service = listening_at(world, quoted, quoted.target)) return {service, true};
  if (const WorldService* service = tunnelling_to(world, quoted)) return {service, true};
  const ForwardingMethod method = is_pool(world, quoted.source.address) ? ForwardingMethod::full_nat : ForwardingMethod::nat;
  return {translating_for(world, quoted, quoted.target, method), true};
}

std::optional<Ends> quoted_ends(const Packet& error) {
  const std::size_t header = error.family == Family::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
  const std::span quote{error.l4() + sizeof(IcmpHeader), icmp_bytes(error) - sizeof(IcmpHeader)};
  if (quote.size() < header) return {};
  Packet view{};  // its addresses
  view.frame = const_cast<std::uint8_t*>(quote.data());
  view.family = error.family;
  const SlowQuote found = slow_quote(error.family == Family::ipv6, quote);
  const unsigned protocol = found.protocol != 0 ? found.protocol : error.family == Family::ipv4 ? quote[9] : quote[6];
  return Ends{{view.source(), found.source_port}, {view.target(), found.target_port}, protocol};
}

Place place_of(const World& world, const Packet& packet) {
  if (is_icmp_error(packet)) {
    const auto quoted = quoted_ends(packet);
    return quoted ? of_error(world, *quoted) : Place{};
  }
  const auto port = [&](Be16 number) { return packet.kind == PacketKind::fragment ? 0U : number.host(); };
  return of_packet(world, {{packet.source(), port(packet.source_port)}, {packet.target(), port(packet.target_port)}, packet.protocol});
}

const char* kind_of(const Packet& packet) {
  if (packet.kind == PacketKind::fragment) return "fragment";
  if (packet.kind == PacketKind::transport) return packet.is_tcp() ? "tcp" : "udp";
  return is_icmp_error(packet) ? "icmp-error" : "";
}

std::string method_name(ForwardingMethod method) {
  switch (method) {
    case ForwardingMethod::nat:
      return "nat";
    case ForwardingMethod::full_nat:
      return "full-nat";
    case ForwardingMethod::l2_dsr:
      return "l2-dsr";
    case ForwardingMethod::ipip:
      return "ipip";
    case ForwardingMethod::gue:
      return "gue";
  }
  return "none";
}

std::string families_of(const WorldService& service) {
  const auto digit = [](const IpAddress& address) { return address.family == Family::ipv4 ? "4" : "6"; };
  const std::string clients = digit(service.listen.address);
  const std::string servers = service.backends.empty() ? clients : digit(service.backends.front().endpoint.address);
  return clients == servers ? clients : clients + "to" + servers;
}

}  // namespace

CellRow row_of(const World& world, const Packet& packet) {
  const char* kind = kind_of(packet);
  if (*kind == 0) return {};
  const Place place = place_of(world, packet);
  if (place.service == nullptr) return {};
  return {method_name(place.service->method) + "/" + families_of(*place.service) + (place.from_backend ? "/backend/" : "/client/"), kind};
}

}  // namespace tandem::test
