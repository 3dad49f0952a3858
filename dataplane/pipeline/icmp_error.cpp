// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/icmp_error.h"

#include "dataplane/conn/flow_record.h"
#include "dataplane/conn/port_book.h"
#include "dataplane/forward/full_nat_error.h"
#include "dataplane/forward/nat_error.h"
#include "dataplane/forward/tunnel.h"
#include "dataplane/local/answer.h"
#include "dataplane/packet/icmp.h"
#include "dataplane/packet/quote.h"
#include "dataplane/pipeline/count_error.h"
#include "dataplane/pipeline/hand_to_peer.h"
#include "dataplane/pipeline/known_entry.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/send.h"
#include "dataplane/pipeline/tell_address.h"

namespace tandem {

namespace {

// As the backend sent it.
template <typename Entry>
void put_back(const Pass& pass, Packet& error, Packet& quoted, const Entry& entry) noexcept {
  using Address = typename Entry::AddressType;
  if (entry.method == ForwardingMethod::nat) return nat_error_to_backend(error, quoted, entry);
  if (entry.method != ForwardingMethod::full_nat) return l2_dsr(error, entry);
  const IpAddress& pool = pass.pools[index(entry.own_source().pool)].address;
  full_nat_error_to_backend(error, quoted, entry, address_as<Address>(pool), address_as<Address>(backend_of(pass.generation, entry)));
}

template <typename Entry>
void send_to_backend(const Pass& pass, Packet& error, Packet& quoted, const Entry& entry) noexcept {
  const TunnelView* tunnel = is_tunnelled(entry.method) ? &pass.tunnels[index(entry.backend_slot)] : nullptr;
  send_by(pass, error, &pass.backend_hops[index(entry.backend_slot)], backend_of(pass.generation, entry), entry.backend_slot,
          tunnel == nullptr ? 0 : tunnel->bytes, [&] {
            put_back(pass, error, quoted, entry);
            count_error(pass, IcmpErrorFate::to_backend);
            return tunnel == nullptr || encapsulate(error, *tunnel, flow_number(entry));
          });
}

template <typename Entry>
void send_to_client(const Pass& pass, Packet& error, Packet& quoted, Entry& entry) noexcept {
  const ClientHop hop = client_hop(pass, entry);
  if (!hop.routed) return pass.batch.drop(error, DropReason::no_route);
  send_by(pass, error, hop.adjacency, IpAddress{entry.client}, kNoBackend, 0, [&] {
    if (entry.method == ForwardingMethod::full_nat && entry.owes_address()) number_quote_as_client(pass, error, quoted, entry);
    if (entry.method == ForwardingMethod::nat) nat_error_to_client(error, quoted, entry);
    else full_nat_error_to_client(error, quoted, entry);
    count_error(pass, IcmpErrorFate::to_client);
    return true;
  });
}

// What errors quote is not translated into the other family.
template <typename Entry>
bool changes_family(const Pass& pass, const Entry& entry) noexcept {
  return entry.method == ForwardingMethod::full_nat && pass.backend_views[index(entry.backend_slot)].address.family != family_of<Entry>();
}

// `groups`: those whose connections it may be about.
void settle_unknown(const Pass& pass, Packet& error, std::uint32_t groups_on_peer) noexcept {
  if (groups_on_peer != 0 && hand_to_peer(pass, error)) return;
  pass.batch.drop(error, DropReason::icmp_error_unknown_flow);
}

// About what went to the connection's own backend, in the family of both.
template <typename Entry>
void settle_by_port(const Pass& pass, Packet& error, Packet& quoted, const VipEntry& pool) noexcept {
  const auto place =
      pass.pools[index(pool.pool)].ports->find(static_cast<Protocol>(quoted.protocol), quoted.source_port.host()).value_or(ConnPlace{});
  Entry* entry =
      place.handle != kNoConn && place.family == family_of<Entry>() ? pass.connections<Entry>().table->at(place.handle) : nullptr;
  const bool is_its_own = is_in_force(pass, entry) && entry->method == ForwardingMethod::full_nat && !changes_family(pass, *entry) &&
                          entry->backend_port == quoted.target_port && backend_of(pass.generation, *entry) == quoted.target();
  if (!is_its_own) return settle_unknown(pass, error, pass.context.roles.on_peer & 1U << index(pool.group));
  send_to_client(pass, error, quoted, *entry);
}

// from_client: as a client's packets go, about one that went the other way, to the client.
template <typename Entry, Direction kDirection>
void carry_by_entry(const Pass& pass, Packet& error, Packet& quoted, std::uint32_t groups_on_peer) noexcept {
  constexpr Direction kQuoted = kDirection == Direction::from_client ? Direction::from_backend : Direction::from_client;
  const typename Entry::Key key = key_of<Entry, kQuoted>(quoted);
  with_known_entry<Entry>(pass, error, key, kDirection, [&](Entry* entry) {
    if (entry == nullptr || changes_family(pass, *entry)) return settle_unknown(pass, error, groups_on_peer);
    if constexpr (kDirection == Direction::from_client) send_to_backend(pass, error, quoted, *entry);
    else send_to_client(pass, error, quoted, *entry);
  });
}

template <Direction kDirection>
void carry(const Pass& pass, Packet& error, Packet& quoted, std::uint32_t groups_on_peer) noexcept {
  if (error.family == Family::ipv4) carry_by_entry<ConnEntry4, kDirection>(pass, error, quoted, groups_on_peer);
  else carry_by_entry<ConnEntry6, kDirection>(pass, error, quoted, groups_on_peer);
}

// What is wrong with an error about a service's packet. An error is for who sent the quoted packet, or somebody else made it up.
DropReason judge(const Pass& pass, const Packet& error, const Packet& quoted) noexcept {
  if (!icmp_checksum_is_right(error)) return DropReason::bad_icmp_checksum;
  if (quoted.source() != error.target()) return DropReason::bad_icmp_quote;
  if (is_martian(error.source())) return DropReason::martian_source;
  if (pass.generation.index->find_vip(error.source()) != nullptr) return DropReason::source_is_vip;
  return error.hop_limit() <= 1 ? DropReason::ttl_expired : DropReason::count_;
}

void carry_to_backend(const Pass& pass, Packet& error, const VipEntry& vip) noexcept {
  Packet quoted;
  DropReason wrong = read_quote(error, quoted);
  if (wrong == DropReason::count_) wrong = judge(pass, error, quoted);
  if (wrong != DropReason::count_) return pass.batch.drop(error, wrong);
  carry<Direction::from_client>(pass, error, quoted, groups_of_peer(pass) & 1U << index(vip.group));
}

const NatBackendEntry* quoted_backend(const Pass& pass, const Packet& quoted) noexcept {
  const VipIndex& index = *pass.generation.index;
  const auto protocol = static_cast<Protocol>(quoted.protocol);
  if (quoted.family == Family::ipv4) return index.find_nat_backend(quoted.ipv4().target, protocol, quoted.target_port);
  return index.find_nat_backend(quoted.ipv6().target, protocol, quoted.target_port);
}

// What cannot be read is not known to be a service's.
bool carry_to_client(const Pass& pass, Packet& error) noexcept {
  Packet quoted;
  const bool readable = read_quote(error, quoted) == DropReason::count_;
  const NatBackendEntry* backend = readable ? quoted_backend(pass, quoted) : nullptr;
  if (backend == nullptr || is_node_address(pass.generation, error.target())) return false;
  if (const DropReason wrong = judge(pass, error, quoted); wrong != DropReason::count_) pass.batch.drop(error, wrong);
  else carry<Direction::from_backend>(pass, error, quoted, pass.context.roles.on_peer & groups_of(pass, *backend));
  return true;
}

// A pool address has the owner in the port that is quoted of it.
void carry_by_port(const Pass& pass, Packet& error, const VipEntry& pool) noexcept {
  Packet quoted;
  DropReason wrong = read_quote(error, quoted);
  if (wrong == DropReason::count_) wrong = judge(pass, error, quoted);
  if (wrong != DropReason::count_) return pass.batch.drop(error, wrong);
  const WorkerId owner = pass.generation.owners[index(owner_slot_of_port(quoted.source_port.host()))];
  if (owner != pass.context.self && error.origin != Origin::handed_over) return pass.batch.hand_over(error, owner);
  if (error.family == Family::ipv4) return settle_by_port<ConnEntry4>(pass, error, quoted, pool);
  settle_by_port<ConnEntry6>(pass, error, quoted, pool);
}

}  // namespace

bool carry_icmp_error(const Pass& pass, Packet& error) noexcept {
  const VipEntry* vip = pass.generation.index->find_vip(error.target());
  if (vip == nullptr) return carry_to_client(pass, error);
  if ((vip->flags & kVipPool) != 0) carry_by_port(pass, error, *vip);
  else carry_to_backend(pass, error, *vip);
  return true;
}

}  // namespace tandem
