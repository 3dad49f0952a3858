// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/classify.h"

#include "dataplane/packet/parse.h"
#include "dataplane/pipeline/odd.h"

namespace tandem {

namespace {

// Six bytes as one number; the eight that are read lie within any IP packet.
std::uint64_t target_mac(const Packet& packet) noexcept {
  std::uint64_t word;
  std::memcpy(&word, packet.frame, sizeof word);
  return word & 0xffff'ffff'ffff;
}
std::uint64_t source_mac(const Packet& packet) noexcept {
  std::uint64_t word;
  std::memcpy(&word, packet.frame + 4, sizeof word);
  return word >> 16;
}

// Nearly every packet: untagged TCP or UDP from somebody else to our MAC, no longer than the port allows.
bool is_plain(const Packet& packet, const PortFact& port) noexcept {
  return packet.kind == PacketKind::transport && target_mac(packet) == port.mac && source_mac(packet) != port.mac &&
         packet.l3_offset == sizeof(EthHeader) && packet.frame_bytes - sizeof(EthHeader) <= port.mtu_bytes;
}

// At 1 the next router would have to drop it (RFC 1812 5.3.1); we are a router as well.
void sort_to_vip(const Pass& pass, Packet& packet, const VipEntry& vip, Lane& lane) noexcept {
  if (packet.hop_limit() <= 1) [[unlikely]]
    return pass.batch.drop(packet, DropReason::ttl_expired);
  const bool own_queue = (pass.context.queue_per_worker_ports >> index(packet.port) & 1) != 0;
  packet.receiver_owns = own_queue && (vip.flags & kVipOneWay) != 0;
  lane.push(&packet);
}

template <typename Entry>
void sort_family(const Pass& pass, Packet& packet) noexcept {
  constexpr const Entry* family = nullptr;
  const VipIndex& index = *pass.generation.index;
  FamilyLanes<Entry>& lanes = pass.lanes_of<Entry>();
  if (const VipEntry* vip = index.find_vip(target_of(packet, family))) return sort_to_vip(pass, packet, *vip, lanes.from_client);
  packet.receiver_owns = false;
  if (index.find_nat_backend(source_of(packet, family), static_cast<Protocol>(packet.protocol), packet.source_port) != nullptr)
    return lanes.from_backend.push(&packet);
  give_to_node(pass, packet);
}

}  // namespace

void sort_transport(const Pass& pass, Packet& packet) noexcept {
  if (packet.family == Family::ipv4) return sort_family<ConnEntry4>(pass, packet);
  sort_family<ConnEntry6>(pass, packet);
}

void classify(const Pass& pass) noexcept {
  for (Packet& packet : pass.batch.packets()) {
    if (packet.origin != Origin::wire) [[unlikely]] {
      classify_from_inside(pass, packet);
      continue;
    }
    parse(packet);
    if (is_plain(packet, pass.ports[packet.port])) [[likely]]
      sort_transport(pass, packet);
    else classify_odd(pass, packet);
  }
}

}  // namespace tandem
