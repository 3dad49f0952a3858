// SPDX-License-Identifier: Apache-2.0
// The last step of one packet whose connection is known: rewritten, counted, and out by its next hop's port; held when the
// next hop's MAC is unknown. Loops (rewrite_all.cpp) and the slow path (choose.cpp) share it.
#pragma once

#include "dataplane/forward/client_hop.h"
#include "dataplane/forward/l2_dsr.h"
#include "dataplane/forward/nat.h"
#include "dataplane/pipeline/pass.h"

namespace tandem {

// The rewrites, as types, so that a loop is compiled for one of them.
struct NatToBackend {
  template <typename Entry>
  static void apply(Packet& packet, const Entry& entry) noexcept {
    nat_to_backend(packet, entry);
  }
};
struct NatToClient {
  template <typename Entry>
  static void apply(Packet& packet, const Entry& entry) noexcept {
    nat_to_client(packet, entry);
  }
};
// Of later fragments.
struct NatLaterToBackend {
  template <typename Entry>
  static void apply(Packet& packet, const Entry& entry) noexcept {
    nat_ip_to_backend(packet, entry);
  }
};
struct NatLaterToClient {
  template <typename Entry>
  static void apply(Packet& packet, const Entry& entry) noexcept {
    nat_ip_to_client(packet, entry);
  }
};
struct L2Dsr {
  template <typename Entry>
  static void apply(Packet& packet, const Entry& entry) noexcept {
    l2_dsr(packet, entry);
  }
};

inline void count_received(const Pass& pass, std::uint16_t ip_bytes, BackendSlot slot) noexcept {
  BackendCounters& counters = pass.backend(slot);
  counters.received_packets.add();
  counters.received_bytes.add(ip_bytes);
}

inline void count_transmitted(const Pass& pass, const Packet& packet, BackendSlot slot) noexcept {
  BackendCounters& counters = pass.backend(slot);
  counters.transmitted_packets.add();
  counters.transmitted_bytes.add(packet.ip_bytes);
}

// The new header has the old one's length, the hop is known, its port has a link and room. Padding counts: a frame whose own
// length does not fit would not leave, whatever its IP header says.
inline bool leaves_plainly(const Pass& pass, const Packet& packet, const Adjacency& hop, int growth = 0) noexcept {
  const bool same_shape =
      (hop.flags & (kAdjacencyResolved | kAdjacencyTagged)) == kAdjacencyResolved && packet.l3_offset == sizeof(EthHeader);
  return same_shape && packet.frame_bytes + static_cast<std::uint32_t>(growth) - sizeof(EthHeader) <= pass.ports[hop.port].room_bytes;
}

inline void leave_plainly(const Pass& pass, Packet& packet, const Adjacency& hop) noexcept {
  std::memcpy(packet.frame, &hop.target, kMacBytes);
  pass.batch.transmit(packet, hop.port);
}

// False: the packet, which is about to become so much longer, may not leave by this resolved hop, and has its verdict.
bool may_leave(const Pass& pass, Packet& packet, const Adjacency& hop, int growth = 0) noexcept;

// Who waits for a MAC behind a port without a link waits for a cable: a kernel whose interface loses its link forgets its neighbours.
bool is_cut_off(const Pass& pass, const IpAddress& destination) noexcept;

// The inside is done; what is left is the Ethernet header.
void leave(const Pass& pass, Packet& packet, const Adjacency& hop) noexcept;

// By any hop; null: its neighbour is not known yet. `rewrite` is called once nothing else can refuse the packet any more, and makes it
// `growth` bytes longer; false: the buffer has no room in front. It is held for `destination` and `slot` (packet/batch.h).
template <typename Rewrite>
void send_by(const Pass& pass, Packet& packet, const Adjacency* hop, const IpAddress& destination, BackendSlot slot, int growth,
             Rewrite&& rewrite) noexcept {
  const bool resolved = hop != nullptr && hop->resolved();
  if (resolved && !may_leave(pass, packet, *hop, growth)) return;
  if (!resolved && is_cut_off(pass, destination)) return pass.batch.drop(packet, DropReason::port_down);
  if (!rewrite()) return pass.batch.drop(packet, DropReason::no_buffer);
  if (!resolved) return pass.batch.hold(packet, destination, slot);
  leave(pass, packet, *hop);
}

// The same, for methods that mostly send plainly. `destination` is of any type that is an address.
template <typename Address, typename Rewrite>
void send_grown(const Pass& pass, Packet& packet, const Adjacency* hop, const Address& destination, BackendSlot slot, int growth,
                Rewrite&& rewrite) noexcept {
  if (hop == nullptr || !leaves_plainly(pass, packet, *hop, growth)) [[unlikely]]
    return send_by(pass, packet, hop, destination, slot, growth, rewrite);
  if (!rewrite()) return pass.batch.drop(packet, DropReason::no_buffer);
  leave_plainly(pass, packet, *hop);
}

template <typename Rewrite, typename Entry>
[[gnu::noinline]] void send_oddly(const Pass& pass, Packet& packet, const Entry& entry, const Adjacency& hop) noexcept {
  send_by(pass, packet, &hop, IpAddress{entry.backend}, entry.backend_slot, 0, [&] {
    Rewrite::apply(packet, entry);
    count_received(pass, packet.ip_bytes, entry.backend_slot);
    return true;
  });
}

template <typename Rewrite, typename Entry>
void send_to_backend(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  const Adjacency& hop = pass.backend_hops[index(entry.backend_slot)];
  if (!leaves_plainly(pass, packet, hop)) [[unlikely]]
    return send_oddly<Rewrite>(pass, packet, entry, hop);
  Rewrite::apply(packet, entry);
  count_received(pass, packet.ip_bytes, entry.backend_slot);
  leave_plainly(pass, packet, hop);
}

// The remembered hop, or the one that is looked up now.
template <typename Entry>
ClientHop client_hop(const Pass& pass, Entry& entry) noexcept {
  if (const Adjacency* hop = remembered_client_hop(pass.generation, entry)) return {true, hop};
  return look_up_client_hop(pass.generation, entry);
}

// By a hop to be looked up, unresolved, tagged, or too narrow.
template <typename Rewrite, typename Entry>
[[gnu::noinline]] void send_to_client_oddly(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  const ClientHop hop = client_hop(pass, entry);
  if (!hop.routed) return pass.batch.drop(packet, DropReason::no_route);
  send_by(pass, packet, hop.adjacency, IpAddress{entry.client}, kNoBackend, 0, [&] {
    Rewrite::apply(packet, entry);
    count_transmitted(pass, packet, entry.backend_slot);
    return true;
  });
}

template <typename Rewrite, typename Entry>
void send_to_client(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  const std::size_t place = index(entry.client_adjacency);
  const bool remembered = entry.route_version == pass.generation.route_version && place < pass.adjacencies.size();
  if (!remembered || !leaves_plainly(pass, packet, pass.adjacencies[place])) [[unlikely]]
    return send_to_client_oddly<Rewrite>(pass, packet, entry);
  Rewrite::apply(packet, entry);
  count_transmitted(pass, packet, entry.backend_slot);
  leave_plainly(pass, packet, pass.adjacencies[place]);
}

}  // namespace tandem
