// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/fragment_site.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "common/net/checksum.h"
#include "tests/support/packet_text.h"

namespace tandem::test {

namespace {

using Difference = std::ptrdiff_t;

Bytes part(const Bytes& of, std::size_t from, std::size_t to) {
  return Bytes(of.begin() + static_cast<Difference>(from), of.begin() + static_cast<Difference>(to));
}

template <typename Header>
Header& header_at(Bytes& bytes, std::size_t at) {
  return *reinterpret_cast<Header*>(bytes.data() + at);
}

// Where and how long a piece is, among all that the datagram has behind its IP header.
struct Piece {
  std::size_t from, bytes;
  bool more;
};

Bytes ipv4_fragment(const Bytes& whole, const Piece& piece, std::uint32_t id) {
  constexpr std::size_t kBehind = sizeof(EthHeader) + sizeof(Ipv4Header);
  Bytes frame = part(whole, 0, kBehind);
  auto& ip = header_at<Ipv4Header>(frame, sizeof(EthHeader));
  ip.total_bytes = Be16{static_cast<std::uint16_t>(sizeof ip + piece.bytes)};
  ip.id = Be16{static_cast<std::uint16_t>(id)};
  ip.fragment = Be16{static_cast<std::uint16_t>(piece.from / 8 | (piece.more ? 0x2000 : 0))};
  ip.checksum = {};
  ip.checksum = finish_checksum(sum_bytes(&ip, sizeof ip));
  const Bytes data = part(whole, kBehind + piece.from, kBehind + piece.from + piece.bytes);
  frame.insert(frame.end(), data.begin(), data.end());
  return frame;
}

Bytes ipv6_fragment(const Bytes& whole, const Piece& piece, std::uint32_t id) {
  constexpr std::size_t kBehind = sizeof(EthHeader) + sizeof(Ipv6Header), kHeader = 8;
  Bytes frame = part(whole, 0, kBehind);
  auto& ip = header_at<Ipv6Header>(frame, sizeof(EthHeader));
  const std::uint8_t protocol = std::exchange(ip.next_header, std::uint8_t{44});
  ip.payload_bytes = Be16{static_cast<std::uint16_t>(kHeader + piece.bytes)};
  Bytes header(kHeader);
  header[0] = protocol;
  header_at<Be16>(header, 2) = Be16{static_cast<std::uint16_t>(piece.from | (piece.more ? 1 : 0))};
  header_at<Be32>(header, 4) = Be32{id};
  frame.insert(frame.end(), header.begin(), header.end());
  const Bytes data = part(whole, kBehind + piece.from, kBehind + piece.from + piece.bytes);
  frame.insert(frame.end(), data.begin(), data.end());
  return frame;
}

}  // namespace

std::vector<Bytes> fragments_of(const Frame& whole, std::size_t bytes, std::uint32_t id) {
  const Bytes frame = whole.bytes();
  const bool ipv4 = frame[sizeof(EthHeader)] >> 4 == 4;
  const std::size_t all = frame.size() - sizeof(EthHeader) - (ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header));
  std::vector<Bytes> fragments;
  for (std::size_t from = 0; from < all; from += bytes) {
    const Piece piece{from, std::min(bytes, all - from), from + bytes < all};
    fragments.push_back(ipv4 ? ipv4_fragment(frame, piece, id) : ipv6_fragment(frame, piece, id));
  }
  return fragments;
}

std::vector<Bytes> last_first(std::vector<Bytes> fragments) {
  std::ranges::reverse(fragments);
  return fragments;
}

std::vector<Bytes> shuffled(std::vector<Bytes> fragments, std::uint32_t seed) {
  std::ranges::shuffle(fragments, std::mt19937{seed});
  return fragments;
}

Lines leave(PortId port, const std::vector<Bytes>& frames) {
  Lines lines;
  for (const Bytes& frame : frames) lines.push_back("p" + std::to_string(index(port)) + ": " + to_line(frame));
  return lines;
}

Lines sorted(Lines lines) {
  std::ranges::sort(lines);
  return lines;
}

}  // namespace tandem::test
