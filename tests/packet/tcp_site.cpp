// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/tcp_site.h"

#include <cstring>

#include "common/net/checksum.h"

namespace tandem::test {
namespace {

constexpr std::size_t kLink = sizeof(EthHeader);

struct Place {
  IpAddress source, target;
  std::size_t at = 0, bytes = 0;  // of the TCP segment
};

Place place_of(const Bytes& frame) {
  if (frame[kLink] >> 4 == 4) {
    Ipv4Header ip;
    std::memcpy(static_cast<void*>(&ip), frame.data() + kLink, sizeof ip);
    return {ip.source, ip.target, kLink + ip.header_bytes(), ip.total_bytes.host() - std::size_t{ip.header_bytes()}};
  }
  Ipv6Header ip;
  std::memcpy(static_cast<void*>(&ip), frame.data() + kLink, sizeof ip);
  return {ip.source, ip.target, kLink + sizeof ip, ip.payload_bytes.host()};
}

Sum sum_of(const Bytes& frame, const Place& place) {
  return pseudo_header_sum(place.source, place.target, 6, static_cast<std::uint32_t>(place.bytes)) +
         sum_bytes(frame.data() + place.at, place.bytes);
}

bool ip_sum_is_right(const Bytes& frame) {
  return frame[kLink] >> 4 == 6 || fold(sum_bytes(frame.data() + kLink, std::size_t{frame[kLink] & 15U} * 4)) == 0xffff;
}

void number(Bytes& frame, const Segment& wanted) {
  const Place place = place_of(frame);
  TcpHeader& tcp = *reinterpret_cast<TcpHeader*>(frame.data() + place.at);
  tcp.sequence = Be32{wanted.sequence}, tcp.acknowledgment = Be32{wanted.acknowledgment};
  tcp.offset_words = static_cast<std::uint8_t>(wanted.header_bytes() / 4 << 4);
  tcp.checksum = {};
  tcp.checksum = finish_checksum(sum_of(frame, place));
}

}  // namespace

Frame segment(Frame base, std::uint16_t source_port, std::uint16_t target_port, const Segment& wanted) {
  base.tcp(source_port, target_port, wanted.flags).payload(wanted.options).payload(wanted.data);
  return base.edit([wanted](Bytes& frame) { number(frame, wanted); });
}

Segment read_segment(const Bytes& frame) {
  const Place place = place_of(frame);
  const auto* const tcp = reinterpret_cast<const TcpHeader*>(frame.data() + place.at);
  Segment read{tcp->flags, tcp->sequence.host(), tcp->acknowledgment.host()};
  const auto header = frame.begin() + static_cast<std::ptrdiff_t>(place.at), end = header + static_cast<std::ptrdiff_t>(place.bytes);
  read.options.assign(header + sizeof(TcpHeader), header + tcp->header_bytes());
  read.data.assign(header + tcp->header_bytes(), end);
  read.source = to_string(place.source), read.target = to_string(place.target);
  read.source_port = tcp->source_port.host(), read.target_port = tcp->target_port.host();
  read.sums_right = fold(sum_of(frame, place)) == 0xffff && ip_sum_is_right(frame);
  return read;
}

std::optional<Bytes> Segment::option(std::uint8_t kind) const {
  for (std::size_t at = 0; at < options.size() && options[at] != 0;) {
    if (options[at] == 1) {
      ++at;
      continue;
    }
    const std::size_t bytes = options.at(at + 1);
    const auto first = options.begin() + static_cast<std::ptrdiff_t>(at);
    if (options[at] == kind) return Bytes(first, first + static_cast<std::ptrdiff_t>(bytes));
    at += bytes;
  }
  return std::nullopt;
}

Bytes text(std::string_view letters) { return {letters.begin(), letters.end()}; }

Bytes joined(const Bytes& first, const Bytes& second) {
  Bytes out = first;
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

Bytes mss(std::uint16_t bytes) { return {2, 4, static_cast<std::uint8_t>(bytes >> 8), static_cast<std::uint8_t>(bytes)}; }

void Receiver::take(const Segment& got) {
  early_[got.sequence] = got.data;
  for (bool more = true; more;) {
    more = false;
    for (const auto& [sequence, data] : early_) {
      const auto known = static_cast<std::int32_t>(next_ - sequence);
      if (known < 0 || known >= static_cast<std::int32_t>(data.size())) continue;
      stream_.insert(stream_.end(), data.begin() + known, data.end());
      next_ = sequence + static_cast<std::uint32_t>(data.size());
      more = true;
    }
  }
}

}  // namespace tandem::test
