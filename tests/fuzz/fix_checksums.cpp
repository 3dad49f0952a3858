// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "common/net/checksum.h"
#include "common/net/headers.h"
#include "tests/fuzz/frames.h"

namespace tandem::fuzz {

namespace {

using Span = std::span<std::uint8_t>;

template <typename Header>
Header* view(Span bytes) {
  return bytes.size() < sizeof(Header) ? nullptr : reinterpret_cast<Header*>(bytes.data());
}

// Where the checksum stands behind the IP header, and whether the pseudo-header counts.
struct Place {
  std::size_t offset = 0;
  bool pseudo = true;
};

Place place_of(std::uint8_t protocol) {
  if (protocol == 6) return {16, true};
  if (protocol == 17) return {6, true};
  if (protocol == 1) return {2, false};
  return {protocol == 58 ? std::size_t{2} : 0, true};
}

void fix_l4(Span l4, const IpAddress& source, const IpAddress& target, std::uint8_t protocol) {
  const Place place = place_of(protocol);
  if (place.offset == 0 || l4.size() < place.offset + 2) return;
  std::memset(l4.data() + place.offset, 0, 2);
  const Sum header = place.pseudo ? pseudo_header_sum(source, target, protocol, static_cast<std::uint32_t>(l4.size())) : 0;
  Be16 sum = finish_checksum(header + sum_bytes(l4.data(), l4.size()));
  if (protocol == 17 && sum == Be16{}) sum = Be16{0xffff};  // RFC 768: 0 means that there is none
  std::memcpy(l4.data() + place.offset, &sum, sizeof sum);
}

void fix_ipv4(Span packet) {
  auto* ip = view<Ipv4Header>(packet);
  if (ip == nullptr || ip->header_bytes() < sizeof *ip || ip->header_bytes() > packet.size()) return;
  ip->checksum = Be16{};
  ip->checksum = finish_checksum(sum_bytes(packet.data(), ip->header_bytes()));
  const std::size_t total = ip->total_bytes.host();
  if (total < ip->header_bytes() || total > packet.size() || (ip->fragment.host() & 0x3fff) != 0) return;
  fix_l4(packet.first(total).subspan(ip->header_bytes()), ip->source, ip->target, ip->protocol);
}

void fix_ipv6(Span packet) {
  const auto* ip = view<Ipv6Header>(packet);
  if (ip == nullptr || ip->payload_bytes.host() > packet.size() - sizeof *ip) return;
  fix_l4(packet.subspan(sizeof *ip, ip->payload_bytes.host()), ip->source, ip->target, ip->next_header);
}

}  // namespace

void fix_checksums(test::Bytes& frame) {
  Span rest{frame};
  const auto* eth = view<EthHeader>(rest);
  if (eth == nullptr) return;
  Be16 type = eth->type;
  rest = rest.subspan(sizeof *eth);
  if (const auto* tag = view<VlanTag>(rest); type == kEtherVlan && tag != nullptr) {
    type = tag->type;
    rest = rest.subspan(sizeof *tag);
  }
  if (type == kEtherIpv4) fix_ipv4(rest);
  if (type == kEtherIpv6) fix_ipv6(rest);
}

}  // namespace tandem::fuzz
