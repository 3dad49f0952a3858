// SPDX-License-Identifier: Apache-2.0
// A packet as the passes see it: one cache line that says where its headers are and what has been found out about it.
// The only header of the packet path that looks inside an mbuf; other rooms hold it as an opaque pointer.
#pragma once

#include <rte_mbuf.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "common/base/cache_line.h"
#include "common/base/ids.h"
#include "common/net/byte_order.h"
#include "common/net/headers.h"
#include "dataplane/stats/drop_reason.h"

namespace tandem {

// Where a packet came from. handed_over: another worker parsed and hashed it; it is never handed over again.
// injected: the node's own kernel sends it by this port; it goes out as it is. traced: a fragment whose ports its datagram's worker
// has found out; it may be handed over once more, to its flow's owner.
enum class Origin : std::uint8_t { wire, handed_over, injected, traced };

// What the headers announce. transport: TCP or UDP with a sound header. malformed: the link or IP header is wrong, whoever
// it was for. malformed_l4: what follows the IP header is wrong, which matters to a VIP alone. fragment: as parse finds any. Once it is
// traced it is a first_fragment, which is treated as transport, or a later_fragment, which has ports in its record alone.
enum class PacketKind : std::uint8_t {
  transport,
  icmp,
  fragment,
  first_fragment,
  later_fragment,
  other_protocol,
  arp,
  other_ethernet,
  malformed,
  malformed_l4
};

enum class Verdict : std::uint8_t { none, transmit, punt, to_pair, hand_over, hold, drop };

struct alignas(kCacheLineBytes) Packet {
  rte_mbuf* mbuf;
  std::uint8_t* frame;           // first byte of the Ethernet header
  void* connection;              // its entry (ConnEntry4 or ConnEntry6, by family), once it was found
  std::uint64_t flow_hash;       // of the client end (conn/table_hash.h), of a packet that its entry did not decide
  std::uint32_t frame_bytes;     // all segments
  std::uint32_t readable_bytes;  // the first segment: what may be looked at
  // What parse finds, in two words, so that parse_plain stores it in two.
  std::uint16_t ip_bytes;   // IP header and what belongs to it; padding is behind
  std::uint16_t l4_offset;  // from frame
  Be16 source_port, target_port;
  std::uint16_t vlan;      // 0: untagged, or tagged for priority alone
  std::uint8_t l3_offset;  // from frame: 14 or 18
  std::uint8_t protocol;   // behind extension headers
  std::uint8_t l4_flags;   // TCP: flags. ICMP: type
  Family family;
  PacketKind kind;
  DropReason reason;  // when malformed, or dropped
  PortId port;
  Origin origin;
  Verdict verdict;
  bool receiver_owns;  // a one-way VIP on a port with a queue for each worker: never handed over

  std::uint8_t* l3() const noexcept { return frame + l3_offset; }
  std::uint8_t* l4() const noexcept { return frame + l4_offset; }
  EthHeader& eth() const noexcept { return *reinterpret_cast<EthHeader*>(frame); }
  Ipv4Header& ipv4() const noexcept { return *reinterpret_cast<Ipv4Header*>(l3()); }
  Ipv6Header& ipv6() const noexcept { return *reinterpret_cast<Ipv6Header*>(l3()); }
  TcpHeader& tcp() const noexcept { return *reinterpret_cast<TcpHeader*>(l4()); }
  UdpHeader& udp() const noexcept { return *reinterpret_cast<UdpHeader*>(l4()); }
  IcmpHeader& icmp() const noexcept { return *reinterpret_cast<IcmpHeader*>(l4()); }
  ArpHeader& arp() const noexcept { return *reinterpret_cast<ArpHeader*>(l3()); }
  NdHeader& nd() const noexcept { return *reinterpret_cast<NdHeader*>(l4()); }

  bool is_fragment() const noexcept {
    return kind == PacketKind::fragment || kind == PacketKind::first_fragment || kind == PacketKind::later_fragment;
  }
  bool is_tcp() const noexcept { return protocol == static_cast<std::uint8_t>(Protocol::tcp); }
  std::uint8_t hop_limit() const noexcept { return family == Family::ipv4 ? ipv4().ttl : ipv6().hop_limit; }
  IpAddress source() const noexcept { return family == Family::ipv4 ? IpAddress{ipv4().source} : IpAddress{ipv6().source}; }
  IpAddress target() const noexcept { return family == Family::ipv4 ? IpAddress{ipv4().target} : IpAddress{ipv6().target}; }
};
static_assert(sizeof(Packet) == kCacheLineBytes && std::is_trivially_copyable_v<Packet>);
static_assert(offsetof(Packet, ip_bytes) % 8 == 0 && offsetof(Packet, vlan) == offsetof(Packet, ip_bytes) + 8);

// What lies behind the first segment is given back.
inline void keep_first_segment(Packet& packet) noexcept {
  rte_mbuf* mbuf = packet.mbuf;
  if (mbuf->nb_segs == 1) return;
  rte_pktmbuf_free(mbuf->next);
  mbuf->next = nullptr;
  mbuf->nb_segs = 1;
  mbuf->pkt_len = mbuf->data_len;
  packet.frame_bytes = packet.readable_bytes;
}

// Makes a frame of one segment longer or shorter at its end. False when it does not fit.
inline bool resize(Packet& packet, std::uint32_t frame_bytes) noexcept {
  if (packet.mbuf->nb_segs != 1) return false;
  if (frame_bytes > packet.frame_bytes) {
    if (rte_pktmbuf_append(packet.mbuf, static_cast<std::uint16_t>(frame_bytes - packet.frame_bytes)) == nullptr) return false;
  } else {
    rte_pktmbuf_trim(packet.mbuf, static_cast<std::uint16_t>(packet.frame_bytes - frame_bytes));
  }
  packet.frame_bytes = packet.readable_bytes = frame_bytes;
  return true;
}

}  // namespace tandem
