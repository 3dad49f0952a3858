// SPDX-License-Identifier: Apache-2.0
// Any bytes are a frame: parse reads none behind those it was given, and what it reports lies within the frame.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "common/base/ensure.h"
#include "dataplane/packet/carry.h"
#include "dataplane/packet/fragment.h"
#include "dataplane/packet/icmp.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/parse_plain.h"
#include "dataplane/packet/quote.h"
#include "tests/fuzz/frames.h"
#include "tests/support/slow_quote.h"

using namespace tandem;

namespace {

bool is_malformed(const Packet& packet) { return packet.kind == PacketKind::malformed || packet.kind == PacketKind::malformed_l4; }
bool is_ip(const Packet& packet) { return packet.kind != PacketKind::malformed && packet.ip_bytes != 0; }

void judge_ip(const Packet& packet) {
  ensure(packet.l3_offset + packet.ip_bytes <= packet.frame_bytes);
  ensure(packet.l4_offset >= packet.l3_offset + (packet.family == Family::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)));
  ensure(packet.l4_offset <= packet.readable_bytes && packet.l4_offset <= packet.l3_offset + packet.ip_bytes);
  const std::size_t behind = packet.l3_offset + packet.ip_bytes - std::size_t{packet.l4_offset};
  const std::size_t readable = packet.readable_bytes - std::size_t{packet.l4_offset};
  if (packet.kind == PacketKind::icmp) ensure(std::min(behind, readable) >= sizeof(IcmpHeader));
  if (packet.kind != PacketKind::transport) return;
  ensure(std::min(behind, readable) >= (packet.is_tcp() ? sizeof(TcpHeader) : sizeof(UdpHeader)));
  ensure(packet.is_tcp() ? packet.tcp().header_bytes() <= behind : packet.udp().length_bytes.host() <= behind);
  ensure(packet.source_port == packet.udp().source_port && packet.target_port == packet.udp().target_port);
}

void judge(const Packet& packet) {
  ensure(packet.l3_offset == 14 || packet.l3_offset == 18);
  if (is_malformed(packet)) ensure(packet.reason < DropReason::count_);
  if (packet.kind != PacketKind::malformed) ensure(packet.l3_offset <= packet.readable_bytes);
  if (packet.kind == PacketKind::arp) ensure(packet.readable_bytes >= packet.l3_offset + sizeof(ArpHeader));
  if (is_ip(packet)) judge_ip(packet);
}

bool found_the_same(const Packet& a, const Packet& b) {
  return a.ip_bytes == b.ip_bytes && a.l4_offset == b.l4_offset && a.source_port == b.source_port && a.target_port == b.target_port &&
         a.vlan == b.vlan && a.l3_offset == b.l3_offset && a.protocol == b.protocol && a.l4_flags == b.l4_flags && a.family == b.family &&
         a.kind == b.kind;
}

Packet record(std::vector<std::uint8_t>& first_segment, std::size_t frame_bytes) {
  Packet packet{};
  packet.frame = first_segment.data();
  packet.frame_bytes = static_cast<std::uint32_t>(frame_bytes);
  packet.readable_bytes = static_cast<std::uint32_t>(first_segment.size());
  return packet;
}

// The short cut agrees with the long way whenever it takes a packet at all.
void judge_plain(const Packet& parsed) {
  std::uint64_t own_mac = 0;
  if (parsed.readable_bytes < 8) return;
  std::memcpy(&own_mac, parsed.frame, sizeof(MacAddress));
  Packet plain = parsed;
  plain.kind = PacketKind::malformed;
  PlainIpv4 addresses{};
  TakenVrids taken;
  taken.ipv4.add(parsed.frame[5]), taken.ipv6.add(parsed.frame[5]);
  if (parse_plain(plain, own_mac, taken.ipv4, 1500, addresses)) ensure(found_the_same(plain, parsed));
  plain = parsed;
  plain.kind = PacketKind::malformed;
  if (parse_plain_ipv6(plain, own_mac, taken.ipv6, 1500)) ensure(found_the_same(plain, parsed));
}

// What another worker is given tells it as much as parsing anew would.
void judge_carried(const Packet& parsed) {
  if (parsed.kind > PacketKind::later_fragment) return;
  rte_mbuf mbuf{};
  Packet carried = parsed;
  carried.mbuf = &mbuf;
  carry(carried);
  Packet taken{};
  taken.mbuf = &mbuf;
  taken.frame = parsed.frame;
  taken.frame_bytes = parsed.frame_bytes;
  taken.readable_bytes = parsed.readable_bytes;
  take_carried(taken);
  if (parsed.kind == PacketKind::fragment) taken.source_port = parsed.source_port, taken.target_port = parsed.target_port;
  ensure(found_the_same(taken, parsed) && taken.port == parsed.port);
}

// What is believed of a fragment lies within what is there.
void judge_fragment(const Packet& parsed) {
  if (parsed.kind != PacketKind::fragment) return;
  Fragment fragment;
  if (read_fragment(parsed, fragment) != DropReason::count_) return;
  ensure(fragment.from < fragment.to && fragment.to <= 0xffff && (!fragment.more || fragment.to % 8 == 0));
  Packet traced = parsed;
  if (fragment.is_first()) become_first_fragment(traced, fragment);
  else become_later_fragment(traced, {Be16{1}, Be16{2}, 17});
  judge_carried(traced);
}

// What an error quotes, beside a slow and obvious reader.
void judge_quote(const Packet& error) {
  if (!is_icmp_error(error) || !icmp_is_readable(error)) return;
  const std::size_t behind = sizeof(IcmpHeader);
  const test::SlowQuote expected = test::slow_quote(error.family == Family::ipv6, {error.l4() + behind, icmp_bytes(error) - behind});
  Packet quoted;
  const DropReason wrong = read_quote(error, quoted);
  ensure(wrong == expected.wrong);
  if (wrong != DropReason::count_) return;
  ensure(quoted.l4_offset == expected.l4_offset && quoted.readable_bytes == expected.bytes && quoted.protocol == expected.protocol);
  ensure(quoted.source_port.host() == expected.source_port && quoted.target_port.host() == expected.target_port);
}

}  // namespace

// The first two bytes say where the first segment ends, and whether checksums are put right, without which no IPv4 header that
// was changed is believed. Behind a segment's end nothing is allocated.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices{data, size};
  const std::size_t split = choices.word();
  const auto rest = choices.bytes(size);
  std::vector<std::uint8_t> frame(rest.begin(), rest.end());
  if (split % 2 == 1) fuzz::fix_checksums(frame);
  std::vector<std::uint8_t> first_segment(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(std::min(split, frame.size())));
  first_segment.shrink_to_fit();
  Packet packet = record(first_segment, frame.size());
  parse(packet);
  judge(packet);
  judge_plain(packet);
  judge_carried(packet);
  judge_fragment(packet);
  judge_quote(packet);
  return 0;
}
