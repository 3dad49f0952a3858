// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/frames.h"

#include <cstring>
#include <string>

#include "common/net/checksum.h"
#include "tests/support/world.h"

namespace tandem::fuzz {

namespace {

using test::Bytes;
using test::Frame;

constexpr std::size_t kMostBytes = 1600;  // above the ports' MTU, below a buffer

constexpr std::array<std::uint8_t, 8> kFlags{kTcpSyn,           kTcpAck,           kTcpFin | kTcpAck, kTcpRst,
                                             kTcpSyn | kTcpAck, kTcpRst | kTcpAck, kTcpPsh | kTcpAck, 0};
constexpr std::array<std::uint16_t, 4> kServicePorts{80, 53, 443, 8080};
constexpr std::array<const char*, 4> kClients4{"10.0.0.5", "10.0.0.6", "192.0.2.7", "10.0.1.11"},
    kVips4{"10.0.0.100", "10.0.0.101", "10.0.0.1", "224.0.0.1"};
constexpr std::array<const char*, 4> kServers4{"10.0.1.11", "10.0.1.12", "10.0.1.13", "10.0.1.99"};
constexpr std::array<const char*, 4> kClients6{"fd00::5", "fd00::6", "2001:db8::7", "fd01::11"},
    kVips6{"fd00::100", "fd00::101", "fd00::1", "ff02::1:ff00:1"};
constexpr std::array<const char*, 4> kServers6{"fd01::11", "fd01::12", "fd01::13", "fe80::99"};
constexpr std::array<const char*, 8> kTargetMacs{"02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff", "33:33:ff:00:00:01",
                                                 kGroupMacs[0],       kGroupMacs[1],       kGroupMacs[2],       "01:00:5e:00:00:12"};

std::uint16_t client_port(Choices& choices) { return static_cast<std::uint16_t>(40000 + choices.below(8)); }

struct Ends {
  const char *source, *target;
  std::uint16_t source_port, target_port;
};

// From a client to a service, or back from a server.
Ends choose_ends(Choices& choices, bool ipv4) {
  const bool back = choices.byte() % 3 == 2;
  const char* client = ipv4 ? choices.of(kClients4) : choices.of(kClients6);
  const char* server = ipv4 ? (back ? choices.of(kServers4) : choices.of(kVips4)) : (back ? choices.of(kServers6) : choices.of(kVips6));
  const std::uint16_t far = client_port(choices), near = choices.of(kServicePorts);
  return back ? Ends{server, client, near, far} : Ends{client, server, far, near};
}

void add_network_extras(Choices& choices, Frame& frame, bool ipv4) {
  const auto drawn = choices.bytes(choices.below(32));
  const Bytes bytes(drawn.begin(), drawn.end());
  switch (choices.below(3)) {
    case 0:
      frame.fragment(static_cast<std::uint16_t>(choices.below(8) * 8), choices.byte() % 2 == 0, choices.byte() % 4);
      break;
    case 1:
      if (ipv4) frame.options(bytes);
      else frame.extension(choices.of(std::array<std::uint8_t, 4>{0, 43, 51, 60}), bytes);
      break;
    default:
      frame.ttl(choices.byte());
  }
}

void add_transport(Choices& choices, Frame& frame, const Ends& ends) {
  switch (choices.below(8)) {
    case 5:
      frame.udp(ends.source_port, ends.target_port);
      break;
    case 6:
      frame.udp_without_checksum(ends.source_port, ends.target_port);
      break;
    case 7:
      frame.icmp(choices.of(std::array<std::uint8_t, 6>{8, 128, 0, 3, 2, 129}), choices.byte());
      break;
    default:
      frame.tcp(ends.source_port, ends.target_port, choices.of(kFlags));
  }
  frame.payload(choices.one_in(8) ? choices.below(1600) : choices.below(64));
}

void add_arp(Choices& choices, Frame& frame) {
  const char* sender = choices.of(kClients4);
  frame.arp(static_cast<std::uint16_t>(1 + choices.below(3)), test::kClient, sender, "00:00:00:00:00:00", choices.of(kVips4));
}

void add_neighbour(Choices& choices, Frame& frame) {
  frame.ipv6(choices.one_in(4) ? "::" : choices.of(kClients6), choices.of(kVips6));
  const auto drawn = choices.bytes(choices.below(24));
  Bytes options{1, 1, 2, 0, 0, 0, 0xaa, 5};
  options.insert(options.end(), drawn.begin(), drawn.end());
  frame.neighbour(static_cast<std::uint8_t>(133 + choices.below(5)), choices.of(kVips6), std::uint32_t{choices.byte()} << 24, options);
}

void add_ip(Choices& choices, Frame& frame) {
  const bool ipv4 = choices.byte() % 2 == 0;
  const Ends ends = choose_ends(choices, ipv4);
  frame.ip(ends.source, ends.target);
  if (choices.one_in(4)) add_network_extras(choices, frame, ipv4);
  add_transport(choices, frame, ends);
}

// VRRP, or a datagram that may be the other node's.
void add_pair_traffic(Choices& choices, Frame& frame) {
  frame.ip("10.0.0.2", choices.one_in(2) ? "10.0.0.1" : "224.0.0.18").ttl(choices.one_in(4) ? 254 : 255);
  if (choices.one_in(2)) frame.udp(50000, 18264);
  else frame.protocol(112);
  frame.payload(choices.below(64));
}

// About a packet as it went between a client and a service or server, mostly from whom it is for to who sent that packet.
void add_icmp_error(Choices& choices, Frame& frame) {
  const bool ipv4 = choices.byte() % 2 == 0;
  Ends ends = choose_ends(choices, ipv4);
  if (!choices.one_in(8)) ends = {ends.target, ends.source, ends.target_port, ends.source_port};
  Frame quoted;
  quoted.ip(ends.source, ends.target);
  if (choices.one_in(4)) add_network_extras(choices, quoted, ipv4);
  add_transport(choices, quoted, ends);
  Bytes quote = quoted.bytes();
  quote.erase(quote.begin(), quote.begin() + sizeof(EthHeader));
  if (choices.one_in(4)) quote.resize(choices.below(quote.size() + 1));
  const char* speaker = ipv4 ? choices.of(kServers4) : choices.of(kServers6);
  frame.ip(choices.one_in(2) ? ends.target : speaker, ends.source);
  frame.icmp(choices.of(std::array<std::uint8_t, 8>{3, 1, 2, 4, 11, 12, 5, 0}), choices.byte(), 0, 1400).payload(quote);
}

void overwrite(Choices& choices, Bytes& frame) {
  for (std::size_t left = choices.below(4); left != 0 && !frame.empty(); --left) {
    const std::size_t at = choices.below(std::min<std::size_t>(frame.size(), 128));
    frame[at] = choices.byte();
  }
  if (choices.one_in(8)) frame.resize(choices.below(frame.size() + 1));
}

}  // namespace

Bytes choose_frame(Choices& choices) {
  const std::size_t kind = choices.below(16);
  if (kind == 15) {
    const auto drawn = choices.bytes(choices.below(256));
    return Bytes(drawn.begin(), drawn.end());
  }
  Frame frame;
  frame.eth(choices.of(kTargetMacs), choices.one_in(8) ? test::kNode0 : test::kClient);
  if (choices.one_in(8)) frame.vlan(static_cast<std::uint16_t>(choices.below(3)));
  if (kind == 14) add_arp(choices, frame);
  else if (kind == 13) add_neighbour(choices, frame);
  else if (kind == 12) add_pair_traffic(choices, frame);
  else if (kind == 11) add_icmp_error(choices, frame);
  else add_ip(choices, frame);
  Bytes bytes = frame.bytes();
  if (choices.one_in(3)) {
    overwrite(choices, bytes);
    if (choices.byte() % 4 != 0) fix_checksums(bytes);
  }
  if (bytes.size() > kMostBytes) bytes.resize(kMostBytes);
  return bytes;
}

}  // namespace tandem::fuzz
