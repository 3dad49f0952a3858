// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/icmp_site.h"

#include <algorithm>

namespace tandem::test {

namespace {

constexpr std::uint8_t kHopsFound = 60;

Bytes packet_in(const Frame& frame) {
  const Bytes bytes = frame.bytes();
  return Bytes(bytes.begin() + sizeof(EthHeader), bytes.end());
}

}  // namespace

std::vector<Complaint> complaints(bool ipv6) {
  if (ipv6) return {{1, 0}, {1, 4}, {2, 0, 1400}, {3, 0}, {3, 1}, {4, 0}, {4, 2}};
  return {{3, 1}, {3, 3}, {3, 4, 1400}, {3, 13}, {11, 0}, {11, 1}, {12, 0}};
}

Complaint too_big(bool ipv6, std::uint16_t mtu) {
  return ipv6 ? Complaint{kIcmpv6TooBig, 0, mtu} : Complaint{kIcmpUnreachable, kIcmpFragmentationNeeded, mtu};
}

Complaint time_exceeded(bool ipv6) { return {ipv6 ? kIcmpv6TimeExceeded : kIcmpTimeExceeded, 0, 0}; }

Frame about(Frame outer, const Complaint& complaint, const Frame& quoted, std::size_t quoted_bytes) {
  Bytes quote = packet_in(quoted);
  quote.resize(std::min(quote.size(), quoted_bytes));
  return outer.icmp(complaint.type, complaint.code, 0, complaint.mtu).payload(quote);
}

std::string router_of(Service service) { return is_ipv6(service) ? "2001:db8::99" : "192.0.2.99"; }
std::string inner_router_of(Service service) { return is_ipv6(service) ? "fd01::fe" : "10.0.1.254"; }

Frame from_router(const Flow& flow, std::uint8_t hops) {
  return frame().eth(kNode0, kGateway).ip(router_of(flow.service), vip_of(flow.service)).ttl(hops);
}

Frame at_server_from_router(const Flow& flow, unsigned server) {
  const std::string target = is_direct(flow.service) ? vip_of(flow.service) : address_of(flow.service, server);
  return frame().eth(server_mac(server), kNode1).ip(router_of(flow.service), target).ttl(63);
}

Frame answer_on_its_way(const Flow& flow, std::uint8_t flags) { return at_client(flow, flags).ttl(kHopsFound); }

Frame answer_as_sent(const Flow& flow, unsigned server, std::uint8_t flags) {
  if (is_direct(flow.service)) return answer_on_its_way(flow, flags);
  return from_server(flow, server, flags).ttl(kHopsFound);
}

Lines operator+(Lines lines, const std::string& line) {
  lines.push_back(line);
  return lines;
}

}  // namespace tandem::test
