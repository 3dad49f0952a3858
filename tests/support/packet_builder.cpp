// SPDX-License-Identifier: Apache-2.0
#include "tests/support/packet_builder.h"

#include <cstring>

#include "common/base/ensure.h"
#include "common/net/checksum.h"

namespace tandem::test {

namespace {

void append_raw(Bytes& bytes, const void* from, std::size_t length) {
  if (length == 0) return;
  bytes.resize(bytes.size() + length);  // not insert: gcc 12 warns of overflows there that cannot be
  std::memcpy(bytes.data() + bytes.size() - length, from, length);
}

template <typename Header>
void append(Bytes& bytes, const Header& header) {
  append_raw(bytes, &header, sizeof header);
}

void append(Bytes& bytes, const Bytes& more) { append_raw(bytes, more.data(), more.size()); }

template <typename Header>
Header& view(Bytes& bytes, std::size_t offset) {
  ensure(bytes.size() >= offset + sizeof(Header));
  return *reinterpret_cast<Header*>(bytes.data() + offset);
}

Ipv4Address v4(const IpAddress& address) { return address.v4(); }

}  // namespace

MacAddress mac(std::string_view text) {
  const auto parsed = parse_mac(text);
  ensure(parsed.has_value());
  return *parsed;
}

IpAddress address(std::string_view text) {
  const auto parsed = parse_address(text);
  ensure(parsed.has_value());
  return *parsed;
}

Endpoint endpoint(std::string_view text) {
  const auto parsed = parse_endpoint(text);
  ensure(parsed.has_value());
  return *parsed;
}

Frame& Frame::eth(std::string_view target, std::string_view source) { return eth(mac(target), mac(source)); }

Frame& Frame::eth(const MacAddress& target, const MacAddress& source) {
  target_ = target;
  source_ = source;
  return *this;
}

Frame& Frame::vlan(std::uint16_t id, std::uint8_t priority, Be16 tag_type) {
  append(tags_, tag_type);
  append(tags_, Be16{static_cast<std::uint16_t>(priority << 13 | id)});
  return *this;
}

Frame& Frame::type(std::uint16_t ether_type) {
  type_ = Be16{ether_type};
  return *this;
}

Frame& Frame::ip(std::string_view source, std::string_view target) {
  from_ = address(source);
  to_ = address(target);
  ensure(from_.family == to_.family);
  has_ip_ = true;
  type_ = from_.family == Family::ipv4 ? kEtherIpv4 : kEtherIpv6;
  return *this;
}

Frame& Frame::ipv4(std::string_view source, std::string_view target) {
  ip(source, target);
  ensure(from_.family == Family::ipv4);
  return *this;
}

Frame& Frame::ipv6(std::string_view source, std::string_view target) {
  ip(source, target);
  ensure(from_.family == Family::ipv6);
  return *this;
}

Frame& Frame::ttl(std::uint8_t hops) {
  ttl_ = hops;
  return *this;
}

Frame& Frame::options(const Bytes& ipv4_options) {
  append(options_, ipv4_options);
  options_.resize((options_.size() + 3) / 4 * 4);
  return *this;
}

// The chain is held as it will stand: each header's first byte names what follows it, so the last one's is filled at the end.
Frame& Frame::extension(std::uint8_t header, const Bytes& rest) {
  if (extensions_.empty()) first_header_ = header;
  else extensions_[last_extension_] = header;
  last_extension_ = extensions_.size();
  const std::size_t length = (2 + rest.size() + 7) / 8 * 8;
  const std::size_t words = header == 51 ? length / 4 - 2 : length / 8 - 1;  // RFC 4302: AH counts otherwise
  Bytes bytes{0, static_cast<std::uint8_t>(words)};
  append(bytes, rest);
  bytes.resize(length);
  append(extensions_, bytes);
  return *this;
}

Frame& Frame::fragment(std::uint16_t offset_bytes, bool more, std::uint32_t id) {
  if (from_.family == Family::ipv6) {
    const auto word = static_cast<std::uint16_t>(offset_bytes | (more ? 1 : 0));
    Bytes rest{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)};
    append(rest, Be32{id});
    extension(44, rest);
    extensions_[last_extension_ + 1] = 0;  // reserved, not a length
    return *this;
  }
  fragmented_ = true;
  fragment_word_ = static_cast<std::uint16_t>(offset_bytes / 8 | (more ? 0x2000 : 0));
  fragment_id_ = id;
  return *this;
}

Frame& Frame::protocol(std::uint8_t number) {
  protocol_ = number;
  return *this;
}

Frame& Frame::tcp(std::uint16_t source_port, std::uint16_t target_port, std::uint8_t flags) {
  l4_ = L4::tcp;
  protocol_ = 6;
  append(l4_header_, TcpHeader{Be16{source_port}, Be16{target_port}, Be32{1000}, Be32{(flags & kTcpAck) != 0 ? 2000U : 0U}, 5 << 4, flags,
                               Be16{64240}, Be16{}, Be16{}});
  return *this;
}

Frame& Frame::numbers(std::uint32_t sequence, std::uint32_t acknowledgment) {
  TcpHeader& tcp = view<TcpHeader>(l4_header_, 0);
  tcp.sequence = Be32{sequence}, tcp.acknowledgment = Be32{acknowledgment};
  return *this;
}

Frame& Frame::udp(std::uint16_t source_port, std::uint16_t target_port) {
  l4_ = L4::udp;
  protocol_ = 17;
  append(l4_header_, UdpHeader{Be16{source_port}, Be16{target_port}, Be16{}, Be16{}});
  return *this;
}

Frame& Frame::udp_without_checksum(std::uint16_t source_port, std::uint16_t target_port) {
  udp(source_port, target_port);
  l4_ = L4::udp_unsummed;
  return *this;
}

Frame& Frame::icmp(std::uint8_t type, std::uint8_t code, std::uint16_t id, std::uint16_t sequence) {
  l4_ = L4::icmp;
  protocol_ = from_.family == Family::ipv4 ? 1 : 58;
  append(l4_header_, IcmpHeader{type, code, Be16{}, Be16{id}, Be16{sequence}});
  return *this;
}

Frame& Frame::arp(std::uint16_t operation, std::string_view sender_mac, std::string_view sender, std::string_view target_mac,
                  std::string_view target) {
  type_ = kEtherArp;
  append(arp_,
         ArpHeader{Be16{1}, kEtherIpv4, 6, 4, Be16{operation}, mac(sender_mac), v4(address(sender)), mac(target_mac), v4(address(target))});
  return *this;
}

Frame& Frame::neighbour(std::uint8_t type, std::string_view target, std::uint32_t flags, const Bytes& options) {
  l4_ = L4::neighbour;
  protocol_ = 58;
  append(l4_header_, NdHeader{type, 0, Be16{}, Be32{flags}, address(target).v6()});
  append(l4_header_, options);
  ttl_ = 255;
  return *this;
}

Frame& Frame::payload(std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) payload_.push_back(static_cast<std::uint8_t>(i));
  return *this;
}

Frame& Frame::payload(std::string_view text) {
  append_raw(payload_, text.data(), text.size());
  return *this;
}

Frame& Frame::payload(const Bytes& bytes) {
  append(payload_, bytes);
  return *this;
}

Frame& Frame::pad_to(std::size_t frame_bytes) {
  pad_to_ = frame_bytes;
  return *this;
}

std::size_t Frame::l4_offset() const {
  const std::size_t ip_header =
      from_.family == Family::ipv4 ? sizeof(Ipv4Header) + options_.size() : sizeof(Ipv6Header) + extensions_.size();
  return link_bytes() + ip_header;
}

Frame& Frame::edit(std::function<void(Bytes&)> change) {
  edits_.push_back(std::move(change));
  return *this;
}

Frame& Frame::edit_ipv4(std::function<void(Ipv4Header&)> change, bool fix_checksum) {
  return edit([at = link_bytes(), header = sizeof(Ipv4Header) + options_.size(), change, fix_checksum](Bytes& bytes) {
    Ipv4Header& ip = view<Ipv4Header>(bytes, at);
    change(ip);
    if (!fix_checksum) return;
    ip.checksum = Be16{};
    ip.checksum = finish_checksum(sum_bytes(&ip, header));
  });
}

Frame& Frame::edit_ipv6(std::function<void(Ipv6Header&)> change) {
  return edit([at = link_bytes(), change](Bytes& bytes) { change(view<Ipv6Header>(bytes, at)); });
}

Frame& Frame::edit_tcp(std::function<void(TcpHeader&)> change) {
  return edit([at = l4_offset(), change](Bytes& bytes) { change(view<TcpHeader>(bytes, at)); });
}

Frame& Frame::edit_udp(std::function<void(UdpHeader&)> change) {
  return edit([at = l4_offset(), change](Bytes& bytes) { change(view<UdpHeader>(bytes, at)); });
}

// The checksum field of each kind stands at its own place.
Bytes Frame::l4_bytes() const {
  Bytes l4 = l4_header_;
  append(l4, payload_);
  if (l4_ == L4::none) return l4;
  if (l4_ == L4::udp || l4_ == L4::udp_unsummed) view<UdpHeader>(l4, 0).length_bytes = Be16{static_cast<std::uint16_t>(l4.size())};
  if (l4_ == L4::udp_unsummed) return l4;
  const bool pseudo = !(l4_ == L4::icmp && from_.family == Family::ipv4);
  const Sum sum =
      (pseudo ? pseudo_header_sum(from_, to_, protocol_, static_cast<std::uint32_t>(l4.size())) : 0) + sum_bytes(l4.data(), l4.size());
  Be16 checksum = finish_checksum(sum);
  if (l4_ == L4::udp && checksum.wire == 0) checksum = Be16{0xffff};
  const std::size_t at = l4_ == L4::tcp ? offsetof(TcpHeader, checksum) : l4_ == L4::udp ? offsetof(UdpHeader, checksum) : 2;
  view<Be16>(l4, at) = checksum;
  return l4;
}

Bytes Frame::ip_packet() const {
  const Bytes l4 = l4_bytes();
  Bytes packet;
  if (from_.family == Family::ipv4) {
    const std::size_t header = sizeof(Ipv4Header) + options_.size();
    append(packet, Ipv4Header{static_cast<std::uint8_t>(0x40 | header / 4), 0, Be16{static_cast<std::uint16_t>(header + l4.size())},
                              Be16{static_cast<std::uint16_t>(fragment_id_)}, Be16{fragmented_ ? fragment_word_ : std::uint16_t{0x4000}},
                              ttl_, protocol_, Be16{}, v4(from_), v4(to_)});
    append(packet, options_);
    view<Ipv4Header>(packet, 0).checksum = finish_checksum(sum_bytes(packet.data(), header));
  } else {
    append(packet, Ipv6Header{Be32{6U << 28}, Be16{static_cast<std::uint16_t>(extensions_.size() + l4.size())},
                              extensions_.empty() ? protocol_ : first_header_, ttl_, from_.v6(), to_.v6()});
    Bytes chain = extensions_;
    if (!chain.empty()) chain[last_extension_] = protocol_;
    append(packet, chain);
  }
  append(packet, l4);
  return packet;
}

Bytes Frame::bytes() const {
  Bytes bytes;
  append(bytes, target_);
  append(bytes, source_);
  append(bytes, tags_);
  append(bytes, type_);
  if (!arp_.empty()) append(bytes, arp_);
  if (has_ip_) append(bytes, ip_packet());
  else append(bytes, payload_);
  if (bytes.size() < pad_to_) bytes.resize(pad_to_);
  for (const auto& change : edits_) change(bytes);
  return bytes;
}

}  // namespace tandem::test
