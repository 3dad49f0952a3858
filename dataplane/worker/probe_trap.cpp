// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/probe_trap.h"

#include <rte_mbuf.h>

#include <array>
#include <cstring>

#include "common/net/headers.h"

namespace tandem {

namespace {

constexpr std::size_t kTag = sizeof(VlanTag), kIpv4 = sizeof(EthHeader) + sizeof(Ipv4Header) + sizeof(UdpHeader),
                      kIpv6 = sizeof(EthHeader) + sizeof(Ipv6Header) + sizeof(UdpHeader);
struct Place {
  std::size_t offset;
  bool tagged;
};
constexpr std::array<Place, 4> kPlaces{{{kIpv4, false}, {kIpv4 + kTag, true}, {kIpv6, false}, {kIpv6 + kTag, true}}};

SeenChecksum checksum_of(const rte_mbuf& mbuf) noexcept {
  switch (mbuf.ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) {
    case RTE_MBUF_F_RX_IP_CKSUM_GOOD:
      return SeenChecksum::good;
    case RTE_MBUF_F_RX_IP_CKSUM_BAD:
      return SeenChecksum::bad;
    default:
      return SeenChecksum::unsaid;
  }
}

// The mark may lie in a later segment, or across two.
bool read_mark(const rte_mbuf* mbuf, std::size_t offset, ProbeMark& mark) noexcept {
  const void* const at = rte_pktmbuf_read(mbuf, static_cast<std::uint32_t>(offset), sizeof mark, &mark);
  if (at == nullptr) return false;
  if (at != &mark) std::memcpy(&mark, at, sizeof mark);
  return true;
}

bool is_probe(const rte_mbuf* mbuf, std::uint64_t secret, ProbeSight& sight) noexcept {
  for (const Place& place : kPlaces) {
    ProbeMark mark;
    if (!read_mark(mbuf, place.offset, mark) || mark.secret != secret) continue;
    sight.number = mark.number, sight.tagged = place.tagged;
    return true;
  }
  return false;
}

}  // namespace

std::uint16_t ProbeTrap::take(std::uint64_t secret, PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept {
  std::uint16_t kept = 0;
  for (std::uint16_t i = 0; i < count; ++i) {
    ProbeSight sight;
    if (!is_probe(burst[i], secret, sight)) {
      burst[kept++] = burst[i];
      continue;
    }
    sight.port = port, sight.queue = queue, sight.frame_bytes = burst[i]->pkt_len, sight.checksum = checksum_of(*burst[i]);
    sight.stripped = (burst[i]->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;
    sights_.push(sight);  // a full ring loses a sight, which the run then calls unseen
    rte_pktmbuf_free(burst[i]);
  }
  return kept;
}

}  // namespace tandem
