// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/packet_source.h"

#include <cstring>

#include "common/base/ensure.h"
#include "common/net/checksum.h"
#include "tests/bench/pipeline_network.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kIpAt = 14, kTailBytes = 4, kFragmentHeaderIdAt = 4, kFragmentBytes = 8;

std::size_t l4_offset(const Pattern& pattern) {
  if (pattern.family() == Family::ipv4) return kIpAt + sizeof(Ipv4Header);
  return kIpAt + sizeof(Ipv6Header) + (pattern.piece == Piece::whole ? 0 : kFragmentBytes);
}

// What differs is added for each packet.
std::uint64_t sum_of_the_rest(const Pattern& pattern, const test::Bytes& frame) {
  Ipv4Header rest;
  std::memcpy(static_cast<void*>(&rest), frame.data() + kIpAt, sizeof rest);
  rest.checksum = Be16{};
  rest.source = Ipv4Address{};
  if (pattern.direction == Direction::from_backend) rest.target = Ipv4Address{};
  if (pattern.piece != Piece::whole) rest.id = Be16{};
  return sum_bytes(&rest, sizeof rest);
}

}  // namespace

PacketSource::PacketSource(rte_mempool* pool, const Pattern& pattern)
    : pool_{pool},
      pattern_{pattern},
      first_client_{first_client_of(pattern.service)},
      frame_{frame_of(pattern)},
      l4_at_{l4_offset(pattern)} {
  if (pattern.family() == Family::ipv4) ip_sum_ = sum_of_the_rest(pattern, frame_);
}

PacketSource::Ends PacketSource::ends_of(std::uint64_t number, std::uint32_t server, const Flow& flow) const noexcept {
  if (pattern_.direction == Direction::from_client) return {Be32{flow.client}, {}, Be16{flow.port}};
  const Be32 source{server_tail(pattern_.family(), server)};
  if (pattern_.service.method != ForwardingMethod::full_nat) return {source, Be32{flow.client}, Be16{flow.port}};
  const OwnPort own = own_port(number);
  return {source, Be32{pool_tail(pattern_.family(), own.pool)}, Be16{own.port}};
}

void PacketSource::write_id(std::uint8_t* frame) noexcept {
  const Be32 id{++id_};
  if (pattern_.family() == Family::ipv4) reinterpret_cast<Ipv4Header*>(frame + kIpAt)->id = Be16{id_};
  else std::memcpy(frame + kIpAt + sizeof(Ipv6Header) + kFragmentHeaderIdAt, &id, sizeof id);
}

void PacketSource::write(std::uint8_t* frame, const Ends& ends, std::uint8_t tcp_flags) noexcept {
  const bool v4 = pattern_.family() == Family::ipv4, from_client = pattern_.direction == Direction::from_client;
  const std::size_t target_ends = kIpAt + (v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)), source_ends = target_ends - (v4 ? 4 : 16);
  std::memcpy(frame + source_ends - kTailBytes, &ends.source, kTailBytes);
  if (!from_client) std::memcpy(frame + target_ends - kTailBytes, &ends.target, kTailBytes);
  if (pattern_.piece != Piece::whole) write_id(frame);
  if (v4) {
    auto& ip = *reinterpret_cast<Ipv4Header*>(frame + kIpAt);
    const Be16 id = pattern_.piece == Piece::whole ? Be16{} : ip.id;
    ip.checksum = finish_checksum(ip_sum_ + ends.source.wire + ends.target.wire + id.wire);
  }
  if (pattern_.piece == Piece::later) return;
  auto& tcp = *reinterpret_cast<TcpHeader*>(frame + l4_at_);
  (from_client ? tcp.source_port : tcp.target_port) = ends.port;
  tcp.flags = tcp_flags;
}

void PacketSource::make(std::span<const std::uint64_t> numbers, std::span<rte_mbuf*> out, std::uint8_t tcp_flags,
                        std::span<const std::uint32_t> servers) noexcept {
  ensure(rte_pktmbuf_alloc_bulk(pool_, out.data(), static_cast<unsigned>(numbers.size())) == 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto* frame = rte_pktmbuf_mtod(out[i], std::uint8_t*);
    std::memcpy(frame, frame_.data(), frame_.size());
    out[i]->data_len = static_cast<std::uint16_t>(frame_.size());
    out[i]->pkt_len = static_cast<std::uint32_t>(frame_.size());
    const Flow one = flow(first_client_, numbers[i]);
    write(frame, ends_of(numbers[i], servers.empty() ? one.server : servers[i], one), tcp_flags);
  }
}

}  // namespace tandem::bench
