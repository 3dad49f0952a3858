// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/classify.h"

#include "dataplane/packet/parse.h"
#include "dataplane/packet/parse_plain.h"
#include "dataplane/pipeline/odd.h"
#include "dataplane/pipeline/own_error.h"
#include "dataplane/pipeline/packet_key.h"

namespace tandem {

namespace {

static_assert(kVipOneWay == 1, "receiver_owns takes both bits in one AND");

void sort_to_pool(const Pass& pass, Packet& packet, PoolSlot pool) noexcept {
  packet.receiver_owns = false;
  pass.lanes.from_pools.push(packet, pool);
}

// At 1 the next router would have to drop it (RFC 1812 5.3.1); we are a router as well.
template <typename Entry, typename Key>
[[gnu::always_inline]] inline void sort_to_vip(const Pass& pass, Packet& packet, const VipEntry& vip, std::uint8_t hops,
                                               const Key& key) noexcept {
  if (hops <= 1) [[unlikely]]
    return drop_expired(pass, packet);
  if ((vip.flags & kVipPool) != 0) return sort_to_pool(pass, packet, vip.pool);
  packet.receiver_owns = ((pass.context.queue_per_worker_ports >> index(packet.port) & 1) & vip.flags) != 0;
  pass.lanes_of<Entry>().from_client.push(packet, key);
}

template <typename Entry, typename Key>
void sort_from_backend(const Pass& pass, Packet& packet, const Key& key) noexcept {
  packet.receiver_owns = false;
  pass.lanes_of<Entry>().from_backend.push(packet, key);
}

template <typename Entry>
void sort_family(const Pass& pass, Packet& packet) noexcept {
  constexpr const Entry* family = nullptr;
  const VipIndex& index = *pass.generation.index;
  const auto source = source_of(packet, family), target = target_of(packet, family);
  if (const VipEntry* vip = index.find_vip(target))
    return sort_to_vip<Entry>(pass, packet, *vip, packet.hop_limit(), lane_key_of<Entry, Direction::from_client>(packet));
  if (index.find_nat_backend(source, static_cast<Protocol>(packet.protocol), packet.source_port) != nullptr)
    return sort_from_backend<Entry>(pass, packet, lane_key_of<Entry, Direction::from_backend>(packet));
  give_to_node(pass, packet);
}

// The same for a packet whose fields are at hand.
inline void sort_plain(const Pass& pass, const VipIndex& index, Packet& packet, const PlainIpv4& plain) noexcept {
  if (const VipEntry* vip = index.find_vip(Ipv4Address{Be32::from_wire(plain.target)})) [[likely]]
    return sort_to_vip<ConnEntry4>(pass, packet, *vip, plain.ttl,
                                   make_key(plain.source, plain.source_port, plain.protocol, plain.target, plain.target_port));
  const Ipv4Address source{Be32::from_wire(plain.source)};
  if (index.find_nat_backend(source, static_cast<Protocol>(plain.protocol), Be16::from_wire(plain.source_port)) != nullptr) [[likely]]
    return sort_from_backend<ConnEntry4>(pass, packet,
                                         make_key(plain.target, plain.target_port, plain.protocol, plain.source, plain.source_port));
  give_to_node(pass, packet);
}

void classify_other(const Pass& pass, Packet& packet) noexcept {
  parse(packet);
  classify_odd(pass, packet);
}

}  // namespace

void sort_transport(const Pass& pass, Packet& packet) noexcept {
  if (packet.family == Family::ipv4) return sort_family<ConnEntry4>(pass, packet);
  sort_family<ConnEntry6>(pass, packet);
}

void classify(const Pass& pass) noexcept {
  const VipIndex& index = *pass.generation.index;
  for (Packet& packet : pass.batch.packets()) {
    if (packet.origin != Origin::wire) [[unlikely]] {
      classify_from_inside(pass, packet);
      continue;
    }
    const PortFact& port = pass.ports[packet.port];
    const TakenVrids& taken = pass.ports.taken(packet.port);
    PlainIpv4 plain;
    if (parse_plain(packet, port.mac, taken.ipv4, port.mtu_bytes, plain)) [[likely]]
      sort_plain(pass, index, packet, plain);
    else if (parse_plain_ipv6(packet, port.mac, taken.ipv6, port.mtu_bytes)) sort_family<ConnEntry6>(pass, packet);
    else classify_other(pass, packet);
  }
}

}  // namespace tandem
