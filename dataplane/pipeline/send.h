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
struct L2Dsr {
  template <typename Entry>
  static void apply(Packet& packet, const Entry& entry) noexcept {
    l2_dsr(packet, entry);
  }
};

// Padding counts: a frame whose own length does not fit would not leave, whatever its IP header says.
inline bool fits(const Packet& packet, const PortFact& port) noexcept { return packet.frame_bytes - packet.l3_offset <= port.mtu_bytes; }

inline void count_received(const Pass& pass, const Packet& packet, BackendSlot slot) noexcept {
  BackendCounters& counters = pass.backend(slot);
  counters.received_packets.add();
  counters.received_bytes.add(packet.ip_bytes);
}

inline void count_transmitted(const Pass& pass, const Packet& packet, BackendSlot slot) noexcept {
  BackendCounters& counters = pass.backend(slot);
  counters.transmitted_packets.add();
  counters.transmitted_bytes.add(packet.ip_bytes);
}

// The inside is done; what is left is the Ethernet header.
inline void leave(const Pass& pass, Packet& packet, const Adjacency& hop) noexcept {
  if (!write_link(packet.mbuf, packet.frame, packet.l3_offset, hop)) [[unlikely]]
    return pass.batch.drop(packet, DropReason::no_buffer);
  pass.batch.transmit(packet, hop.port);
}

// Link and MTU of the port that a resolved hop names; count_ when both allow.
inline DropReason judge_hop(const Pass& pass, const Packet& packet, const Adjacency& hop) noexcept {
  const PortFact& port = pass.ports[hop.port];
  if (!port.up) return DropReason::port_down;
  return fits(packet, port) ? DropReason::count_ : DropReason::mtu_exceeded;
}

template <typename Rewrite, typename Entry>
void send_to_backend(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  const Adjacency& hop = (*pass.generation.backend_hops)[index(entry.backend_slot)];
  if (hop.resolved()) [[likely]] {
    if (const DropReason wrong = judge_hop(pass, packet, hop); wrong != DropReason::count_) [[unlikely]]
      return pass.batch.drop(packet, wrong);
  }
  Rewrite::apply(packet, entry);
  count_received(pass, packet, entry.backend_slot);
  if (!hop.resolved()) [[unlikely]]
    return pass.batch.hold(packet, IpAddress{entry.backend}, entry.backend_slot);
  leave(pass, packet, hop);
}

template <typename Entry>
void send_to_client(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  const Adjacency* hop = remembered_client_hop(pass.generation, entry);
  if (hop == nullptr) [[unlikely]] {
    const ClientHop found = look_up_client_hop(pass.generation, entry);
    if (!found.routed) return pass.batch.drop(packet, DropReason::no_route);
    hop = found.adjacency;
  }
  const bool resolved = hop != nullptr && hop->resolved();
  if (resolved) [[likely]] {
    if (const DropReason wrong = judge_hop(pass, packet, *hop); wrong != DropReason::count_) [[unlikely]]
      return pass.batch.drop(packet, wrong);
  }
  NatToClient::apply(packet, entry);
  count_transmitted(pass, packet, entry.backend_slot);
  if (!resolved) [[unlikely]]
    return pass.batch.hold(packet, IpAddress{entry.client}, kNoBackend);
  leave(pass, packet, *hop);
}

// By the entry's own method, for one packet at a time.
template <typename Entry>
void send_from_client(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  if (entry.method == ForwardingMethod::nat) return send_to_backend<NatToBackend>(pass, packet, entry);
  send_to_backend<L2Dsr>(pass, packet, entry);
}

}  // namespace tandem
