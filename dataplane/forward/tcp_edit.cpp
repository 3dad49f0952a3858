// SPDX-License-Identifier: Apache-2.0
#include "dataplane/forward/tcp_edit.h"

#include <cstring>

#include "common/net/checksum.h"

namespace tandem {

namespace {

constexpr std::uint16_t kLeastMss = 64;  // below that nobody sends a sensible segment

std::span<std::uint8_t> options_of(Packet& packet) noexcept {
  const TcpHeader& tcp = packet.tcp();
  return {packet.l4() + sizeof tcp, tcp.header_bytes() - sizeof tcp};
}

// change(kind, option): one after the other, as RFC 9293 3.1 lays them out; what lies about its length ends them.
template <typename Change>
void edit_tcp_options(Packet& packet, Change&& change) noexcept {
  const std::span<std::uint8_t> options = options_of(packet);
  const Sum before = sum_bytes(options.data(), options.size());
  for (std::size_t at = 0; at < options.size() && options[at] != kTcpOptionEnd;) {
    if (options[at] == kTcpOptionNop) {
      ++at;
      continue;
    }
    if (at + 1 >= options.size() || options[at + 1] < 2 || at + options[at + 1] > options.size()) break;
    const std::size_t bytes = options[at + 1];
    change(options[at], options.subspan(at, bytes));
    at += bytes;
  }
  const Sum after = sum_bytes(options.data(), options.size());
  packet.tcp().checksum = apply_delta(packet.tcp().checksum, checksum_delta(before, after));
}

Be16 tcp_bytes(const Packet& packet) noexcept {
  return Be16{static_cast<std::uint16_t>(packet.ip_bytes - (packet.l4_offset - packet.l3_offset))};
}

// What the IP header says, and its own checksum.
void set_ip_bytes(Packet& packet, std::uint16_t bytes) noexcept {
  packet.ip_bytes = bytes;
  if (packet.family == Family::ipv6) {
    packet.ipv6().payload_bytes = Be16{static_cast<std::uint16_t>(bytes - sizeof(Ipv6Header))};
    return;
  }
  Ipv4Header& ip = packet.ipv4();
  const Be16 before = ip.total_bytes;
  ip.total_bytes = Be16{bytes};
  ip.checksum = apply_delta(ip.checksum, checksum_delta(before.wire, ip.total_bytes.wire));
}

// `before`, `after`: of the bytes that come or go. The pseudo-header holds the length.
void change_length(Packet& packet, std::uint16_t ip_bytes, Sum before, Sum after) noexcept {
  const Be16 was = tcp_bytes(packet);
  set_ip_bytes(packet, ip_bytes);
  const std::uint16_t delta = checksum_delta(before + was.wire, after + tcp_bytes(packet).wire);
  packet.tcp().checksum = apply_delta(packet.tcp().checksum, delta);
}

}  // namespace

std::size_t tcp_payload_bytes(const Packet& packet) noexcept { return tcp_bytes(packet).host() - packet.tcp().header_bytes(); }

bool tcp_header_is_readable(const Packet& packet) noexcept {
  return packet.readable_bytes >= std::size_t{packet.l4_offset} + packet.tcp().header_bytes();
}

void set_tcp_number(TcpHeader& tcp, Be32& number, std::uint32_t value) noexcept {
  const Sum before = sum_bytes(&number, sizeof number);
  number = Be32{value};
  tcp.checksum = apply_delta(tcp.checksum, checksum_delta(before, sum_bytes(&number, sizeof number)));
}

bool insert_in_tcp(Packet& packet, std::size_t offset, std::span<const std::uint8_t> bytes) noexcept {
  char* const front = rte_pktmbuf_prepend(packet.mbuf, static_cast<std::uint16_t>(bytes.size()));
  if (front == nullptr) return false;
  const std::size_t kept = packet.l4_offset + offset;
  std::memmove(front, packet.frame, kept);
  packet.frame = reinterpret_cast<std::uint8_t*>(front);
  std::memcpy(packet.frame + kept, bytes.data(), bytes.size());
  packet.frame_bytes += static_cast<std::uint32_t>(bytes.size());
  packet.readable_bytes += static_cast<std::uint32_t>(bytes.size());
  change_length(packet, static_cast<std::uint16_t>(packet.ip_bytes + bytes.size()), 0, sum_bytes(bytes.data(), bytes.size()));
  return true;
}

bool insert_tcp_option(Packet& packet, std::span<const std::uint8_t> option) noexcept {
  if (!insert_in_tcp(packet, sizeof(TcpHeader), option)) return false;
  TcpHeader& tcp = packet.tcp();
  const Sum before = sum_bytes(&tcp.offset_words, 2);
  tcp.offset_words = static_cast<std::uint8_t>(tcp.offset_words + (option.size() / 4 << 4));
  tcp.checksum = apply_delta(tcp.checksum, checksum_delta(before, sum_bytes(&tcp.offset_words, 2)));
  return true;
}

bool cut_tcp_payload(Packet& packet) noexcept {
  const std::size_t payload = tcp_payload_bytes(packet), header = packet.l4_offset + packet.tcp().header_bytes();
  if (packet.mbuf->nb_segs != 1) return false;
  const Sum gone = sum_bytes(packet.frame + header, payload);
  if (!resize(packet, static_cast<std::uint32_t>(header))) return false;  // padding goes too
  change_length(packet, static_cast<std::uint16_t>(packet.ip_bytes - payload), gone, 0);
  return true;
}

unsigned blank_tcp_options(Packet& packet, std::uint8_t kind) noexcept {
  unsigned blanked = 0;
  edit_tcp_options(packet, [&](std::uint8_t found, std::span<std::uint8_t> option) {
    if (found != kind) return;
    std::memset(option.data(), kTcpOptionNop, option.size());
    ++blanked;
  });
  return blanked;
}

void lower_mss(Packet& packet, std::uint16_t by_bytes) noexcept {
  edit_tcp_options(packet, [&](std::uint8_t found, std::span<std::uint8_t> option) {
    if (found != kTcpOptionMss || option.size() != 4) return;
    const auto said = static_cast<std::uint16_t>(option[2] << 8 | option[3]);
    if (said < kLeastMss + by_bytes) return;
    const auto less = static_cast<std::uint16_t>(said - by_bytes);
    option[2] = static_cast<std::uint8_t>(less >> 8), option[3] = static_cast<std::uint8_t>(less);
  });
}

}  // namespace tandem
