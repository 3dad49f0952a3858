// SPDX-License-Identifier: Apache-2.0
#include "tests/support/packet_text.h"

#include <cstdio>
#include <cstring>

#include "common/net/address.h"
#include "common/net/checksum.h"
#include "common/net/headers.h"

namespace tandem::test {

namespace {

using View = std::span<const std::uint8_t>;

// Nothing where it is 0, as it nearly always is.
std::string class_text(unsigned traffic_class) {
  char text[16] = "";
  if (traffic_class != 0) std::snprintf(text, sizeof text, " class %02x", traffic_class);
  return text;
}

// A copy of a header, or false when the bytes end before it does.
template <typename Header>
bool take(View& rest, Header& header) {
  if (rest.size() < sizeof header) return false;
  std::memcpy(&header, rest.data(), sizeof header);
  rest = rest.subspan(sizeof header);
  return true;
}

std::string flags_of(std::uint8_t flags) {
  std::string text;
  const char* const names = "FSRPAU";
  for (unsigned bit = 0; bit < 6; ++bit)
    if ((flags >> bit & 1) != 0) text += names[bit];
  return text.empty() ? "-" : text;
}

std::string ports_of(const char* name, Be16 source, Be16 target) {
  return std::string{name} + " " + std::to_string(source.host()) + " > " + std::to_string(target.host());
}

// Addresses and upper protocol, as far as a pseudo-header needs them.
struct Network {
  IpAddress source, target;
  std::uint8_t protocol = 0, hops = 0;
  bool fragment = false, header_sum_right = true, truncated = false;
  std::string extras, place;  // place: a fragment's, in its datagram
  View payload;
};

// `word`: offset in bytes, and in its lowest bit whether more follow.
void note_fragment(Network& net, std::uint32_t id, unsigned word) {
  net.fragment = word != 0;
  net.place = " " + std::to_string(id) + " at " + std::to_string(word & 0xfff8) + ((word & 1) != 0 ? " and more" : "");
}

// Its share of its datagram's checksum stands for what is in it.
std::string fragment_text(const Network& net) {
  char sum[16];
  std::snprintf(sum, sizeof sum, " sum %04x", Be16::from_wire(fold(sum_bytes(net.payload.data(), net.payload.size()))).host());
  return "fragment" + net.place + sum;
}

bool l4_sum_is_right(const Network& net, bool pseudo) {
  const Sum header = pseudo ? pseudo_header_sum(net.source, net.target, net.protocol, static_cast<std::uint32_t>(net.payload.size())) : 0;
  return fold(header + sum_bytes(net.payload.data(), net.payload.size())) == 0xffff;
}

bool is_unsummed_udp(const Network& net) {
  return net.protocol == 17 && net.payload.size() >= 8 && net.payload[6] == 0 && net.payload[7] == 0;
}

bool l4_is_right(const Network& net) {
  if (net.fragment || net.truncated || is_unsummed_udp(net)) return true;
  if (net.protocol == 6 || net.protocol == 17 || net.protocol == 58) return l4_sum_is_right(net, true);
  return net.protocol != 1 || l4_sum_is_right(net, false);
}

bool read_ipv4(View rest, Network& net) {
  const View whole = rest;
  Ipv4Header ip;
  if (!take(rest, ip) || ip.header_bytes() < sizeof ip || whole.size() < ip.header_bytes()) return false;
  net.source = ip.source, net.target = ip.target;
  net.protocol = ip.protocol, net.hops = ip.ttl;
  note_fragment(net, ip.id.host(), ip.fragment_offset_bytes() | (ip.more_fragments() ? 1U : 0U));
  net.header_sum_right = fold(sum_bytes(whole.data(), ip.header_bytes())) == 0xffff;
  net.extras = class_text(ip.tos);
  if (ip.header_bytes() > sizeof ip) net.extras += " options " + std::to_string(ip.header_bytes() - sizeof ip);
  net.truncated = ip.total_bytes.host() > whole.size() || ip.total_bytes.host() < ip.header_bytes();
  net.payload = net.truncated ? whole.subspan(ip.header_bytes()) : whole.first(ip.total_bytes.host()).subspan(ip.header_bytes());
  return true;
}

bool read_ipv6(View rest, Network& net) {
  Ipv6Header ip;
  if (!take(rest, ip)) return false;
  net.source = ip.source, net.target = ip.target;
  net.protocol = ip.next_header, net.hops = ip.hop_limit;
  net.extras = class_text(ip.version_class_flow.host() >> 20 & 0xff);
  net.truncated = ip.payload_bytes.host() > rest.size();
  net.payload = net.truncated ? rest : rest.first(ip.payload_bytes.host());
  while ((net.protocol == 0 || net.protocol == 43 || net.protocol == 60 || net.protocol == 51 || net.protocol == 44) &&
         net.payload.size() >= 8) {
    const std::size_t length = net.protocol == 51 ? (net.payload[1] + 2U) * 4 : net.protocol == 44 ? 8 : (net.payload[1] + 1U) * 8;
    if (net.payload.size() < length) break;
    if (net.protocol == 44 && !net.fragment)
      note_fragment(net, static_cast<std::uint32_t>(net.payload[4] << 24 | net.payload[5] << 16 | net.payload[6] << 8 | net.payload[7]),
                    static_cast<unsigned>(net.payload[2] << 8 | net.payload[3]) & 0xfff9);
    net.extras += " ext " + std::to_string(net.protocol);
    net.protocol = net.payload[0];
    net.payload = net.payload.subspan(length);
  }
  return true;
}

std::string ip_text(const Network& net);

// What a tunnel carries, told by itself: behind an IP header, or behind UDP's and perhaps GUE's.
std::string inside(const char* tunnel, View packet) {
  Network net;
  const bool sound = !packet.empty() && (packet[0] >> 4 == 4 ? read_ipv4(packet, net) : packet[0] >> 4 == 6 && read_ipv6(packet, net));
  return std::string{tunnel} + " | " + (sound ? ip_text(net) : "BAD-INSIDE");
}

std::string gue_text(View payload) {
  if (!payload.empty() && payload[0] != 0) return inside(" gue", payload);
  if (payload.size() < 4) return " gue BAD-HEADER";
  return inside(payload[1] == 4 ? " gue header 4" : payload[1] == 41 ? " gue header 41" : " gue BAD-HEADER", payload.subspan(4));
}

bool is_icmp_error(const Network& net, std::uint8_t type) {
  if (net.protocol == 58) return type >= 1 && type <= 4;
  return type == 3 || type == 11 || type == 12;
}

// A cut quote's checksum cannot be judged, so it is shown.
std::string quoted_sum_text(const Network& quoted) {
  const std::size_t at = quoted.protocol == 6 ? 16 : 6;
  if ((quoted.protocol != 6 && quoted.protocol != 17) || quoted.payload.size() < at + 2) return {};
  char text[16];
  std::snprintf(text, sizeof text, " sum %02x%02x", quoted.payload[at], quoted.payload[at + 1]);
  return text;
}

std::string quote_text(const Network& net, const IcmpHeader& icmp, View rest) {
  if (!is_icmp_error(net, icmp.type)) return {};
  const bool too_big = net.protocol == 58 ? icmp.type == 2 : icmp.type == 3 && icmp.code == 4;
  const std::string mtu = too_big ? " mtu " + std::to_string(icmp.sequence.host()) : std::string{};
  Network quoted;
  const bool readable = net.protocol == 58 ? read_ipv6(rest, quoted) : read_ipv4(rest, quoted);
  return mtu + (readable ? " about [" + ip_text(quoted) + quoted_sum_text(quoted) + "]" : " about nothing");
}

std::string numbers_of(const TcpHeader& tcp) {
  if ((tcp.flags & kTcpRst) == 0) return {};
  return " seq " + std::to_string(tcp.sequence.host()) + " ack " + std::to_string(tcp.acknowledgment.host());
}

std::string l4_text(const Network& net) {
  View rest = net.payload;
  TcpHeader tcp;
  UdpHeader udp;
  IcmpHeader icmp;
  std::string text;
  if (net.protocol == 4 || net.protocol == 41) return inside(net.protocol == 4 ? "ip4" : "ip6", net.payload);
  if (net.fragment) text = fragment_text(net);
  else if (net.protocol == 6 && take(rest, tcp))
    text = ports_of("tcp", tcp.source_port, tcp.target_port) + " " + flags_of(tcp.flags) + numbers_of(tcp);
  else if (net.protocol == 17 && take(rest, udp))
    text = ports_of("udp", udp.source_port, udp.target_port) + (udp.checksum.wire == 0 ? " nosum" : "");
  else if ((net.protocol == 1 || net.protocol == 58) && take(rest, icmp))
    text = "icmp type " + std::to_string(icmp.type) + " code " + std::to_string(icmp.code) + quote_text(net, icmp, rest);
  else if ((net.protocol == 6 || net.protocol == 17) && rest.size() >= 4)
    text =
        ports_of("cut", Be16{static_cast<std::uint16_t>(rest[0] << 8 | rest[1])}, Be16{static_cast<std::uint16_t>(rest[2] << 8 | rest[3])});
  else text = "protocol " + std::to_string(net.protocol);
  if (!l4_is_right(net)) text += " BAD-SUM";
  if (net.protocol == 17 && udp.target_port == Be16{6080}) return text + gue_text(rest);
  return text + (net.truncated ? " TRUNCATED" : "") + " | " + std::to_string(rest.size()) + " bytes";
}

std::string ip_text(const Network& net) {
  return to_string(net.source) + " > " + to_string(net.target) + " ttl " + std::to_string(net.hops) + net.extras +
         (net.header_sum_right ? "" : " BAD-IP-SUM") + " | " + l4_text(net);
}

std::string arp_text(View rest) {
  ArpHeader arp;
  if (!take(rest, arp)) return "arp TRUNCATED";
  const bool request = arp.operation == Be16{1};
  return std::string{request ? "arp who-has " : "arp reply "} + to_string(IpAddress{arp.target}) + " (" + to_string(arp.target_mac) +
         ") from " + to_string(IpAddress{arp.sender}) + " (" + to_string(arp.sender_mac) + ")";
}

// Past the Ethernet header and all tags; `text` gets what they say.
bool read_link(View& rest, std::string& text, Be16& type) {
  EthHeader eth;
  if (!take(rest, eth)) return false;
  text = to_string(eth.source) + " > " + to_string(eth.target);
  type = eth.type;
  for (VlanTag tag; (type == kEtherVlan || type == kEtherQinq) && take(rest, tag); type = tag.type) {
    text += (type == kEtherQinq ? " qinq " : " vlan ") + std::to_string(tag.id());
    if ((tag.control.host() >> 13) != 0) text += " prio " + std::to_string(tag.control.host() >> 13);
  }
  return true;
}

}  // namespace

std::string to_line(View frame) {
  std::string text;
  Be16 type;
  View rest = frame;
  Network net;
  if (!read_link(rest, text, type)) return "short frame of " + std::to_string(frame.size()) + " bytes";
  if (type == kEtherArp) return text + " | " + arp_text(rest);
  if ((type == kEtherIpv4 && read_ipv4(rest, net)) || (type == kEtherIpv6 && read_ipv6(rest, net))) return text + " | " + ip_text(net);
  char code[16];
  std::snprintf(code, sizeof code, "type %04x", type.host());
  return text + " | " + code + " | " + std::to_string(rest.size()) + " bytes";
}

std::string to_hex(View frame) {
  std::string text;
  char byte[8];
  for (std::size_t i = 0; i < frame.size(); ++i) {
    std::snprintf(byte, sizeof byte, "%02x%c", frame[i], i % 16 == 15 ? '\n' : ' ');
    text += byte;
  }
  return text;
}

bool checksums_are_right(View frame) {
  std::string text;
  Be16 type;
  Network net;
  if (!read_link(frame, text, type)) return false;
  if (type == kEtherIpv4 ? read_ipv4(frame, net) : read_ipv6(frame, net)) return net.header_sum_right && !net.truncated && l4_is_right(net);
  return false;
}

}  // namespace tandem::test
