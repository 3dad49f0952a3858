// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/make_segment.h"

#include "dataplane/packet/new_frame.h"
#include "dataplane/packet/parse.h"
#include "dataplane/pipeline/send_from_client.h"

namespace tandem {

namespace {

constexpr std::size_t kLeastFrame = 60;  // of Ethernet, without its check sequence: not every device pads
constexpr std::uint8_t kHops = 64;
constexpr Be16 kDontFragment{0x4000};  // an atomic datagram, whose id may be 0 (RFC 6864 4.1)
constexpr std::uint8_t kNoOptions = sizeof(TcpHeader) / 4 << 4;

template <typename Entry>
constexpr std::size_t kIpBytes = std::is_same_v<Entry, ConnEntry4> ? sizeof(Ipv4Header) : sizeof(Ipv6Header);

void write_ip(std::uint8_t* at, Ipv4Address source, Ipv4Address target, std::uint8_t hops) noexcept {
  Ipv4Header ip{0x45, 0, Be16{sizeof(Ipv4Header) + sizeof(TcpHeader)}, Be16{}, kDontFragment, hops, 6, Be16{}, source, target};
  ip.checksum = finish_checksum(sum_bytes(&ip, sizeof ip));
  std::memcpy(at, &ip, sizeof ip);
}

void write_ip(std::uint8_t* at, const Ipv6Address& source, const Ipv6Address& target, std::uint8_t hops) noexcept {
  const Ipv6Header ip{Be32{0x60000000}, Be16{sizeof(TcpHeader)}, 6, hops, source, target};
  std::memcpy(at, &ip, sizeof ip);
}

// As the client sends to the VIP, with one hop more because it is forwarded; or as the VIP sends to the client.
template <typename Entry>
void write_headers(std::uint8_t* frame, const OwnSegment<Entry>& segment) noexcept {
  const Entry& entry = segment.entry;
  const bool forward = segment.to_backend();
  const auto& source = forward ? entry.client : entry.vip;
  const auto& target = forward ? entry.vip : entry.client;
  reinterpret_cast<EthHeader*>(frame)->type = kIpBytes<Entry> == sizeof(Ipv4Header) ? kEtherIpv4 : kEtherIpv6;
  write_ip(frame + sizeof(EthHeader), source, target, forward ? kHops + 1 : kHops);
  TcpHeader tcp{.source_port = forward ? entry.client_port : entry.vip_port,
                .target_port = forward ? entry.vip_port : entry.client_port,
                .sequence = Be32{segment.sequence},
                .acknowledgment = Be32{segment.acknowledgment},
                .offset_words = kNoOptions,
                .flags = segment.flags,
                .window = {},
                .checksum = {},
                .urgent = {}};
  tcp.checksum = finish_checksum(pseudo_header_sum(IpAddress{source}, IpAddress{target}, 6, sizeof tcp) + sum_bytes(&tcp, sizeof tcp));
  std::memcpy(frame + sizeof(EthHeader) + kIpBytes<Entry>, &tcp, sizeof tcp);
}

template <typename Entry>
void send_own_to_client(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  const ClientHop hop = client_hop(pass, entry);
  if (!hop.routed) return pass.batch.drop(packet, DropReason::no_route);
  send_by(pass, packet, hop.adjacency, IpAddress{entry.client}, kNoBackend, 0, [] { return true; });
}

void count_segment(const Pass& pass, OwnSegmentKind kind) noexcept { pass.counters().own_segments[static_cast<std::size_t>(kind)].add(); }

template <typename Entry>
void make_one(const Pass& pass, OwnSegment<Entry>& segment) noexcept {
  constexpr std::size_t kBytes = sizeof(EthHeader) + kIpBytes<Entry> + sizeof(TcpHeader);
  rte_mbuf* const mbuf = new_frame(pass.context.buffers, std::max(kBytes, kLeastFrame));
  if (mbuf == nullptr) return count_segment(pass, OwnSegmentKind::lost);
  write_headers(rte_pktmbuf_mtod(mbuf, std::uint8_t*), segment);
  pass.batch.add(mbuf, PortId{0});
  Packet& packet = pass.batch.packets().back();
  parse(packet);
  count_segment(pass, segment.kind);
  pass.counters().originated.add();
  if (segment.to_backend()) send_from_client(pass, packet, segment.entry);
  else send_own_to_client(pass, packet, segment.entry);
}

template <typename Entry>
void make_family(const Pass& pass) noexcept {
  OwnSegment<Entry> segment;
  while (pass.batch.room() != 0 && pass.context.own_segments->pop(segment)) make_one(pass, segment);
}

}  // namespace

void make_segments(const Pass& pass) noexcept {
  make_family<ConnEntry4>(pass);
  make_family<ConnEntry6>(pass);
}

}  // namespace tandem
