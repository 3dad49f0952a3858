// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/choose.h"

#include <memory>

#include "dataplane/pipeline/adopt.h"
#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/cut.h"
#include "dataplane/pipeline/hand_to_peer.h"
#include "dataplane/pipeline/judge_source.h"
#include "dataplane/pipeline/known_entry.h"
#include "dataplane/pipeline/lone_reply.h"
#include "dataplane/pipeline/open.h"
#include "dataplane/pipeline/send_from_client.h"
#include "dataplane/pipeline/tell_address.h"
#include "dataplane/pipeline/untracked.h"

namespace tandem {

namespace {

bool is_syn(const Packet& packet) noexcept { return packet.is_tcp() && is_bare_syn(packet.l4_flags); }

// By the entry that a packet from a client has after all.
template <typename Entry>
void follow_entry(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  if (is_ending(pass, entry)) return settle_ending(pass, packet, entry, Direction::from_client);
  if (is_syn(packet)) {
    owe_address(pass, packet, entry, tells_of(pass, entry));
    note_begun_anew(pass.context, pass.connections<Entry>(), entry);
  }
  observe_packet(pass.context, pass.connections<Entry>(), entry, Direction::from_client, packet.l4_flags);
  send_from_client(pass, packet, entry);
}

// Its service left the configuration: what is there goes on, or is being ended; nothing begins.
template <typename Entry>
bool follow_leftover(const Pass& pass, Packet& packet, const typename Entry::Key& key) noexcept {
  Entry* const entry = pass.connections<Entry>().table->find(packet.flow_hash, key, Direction::from_client);
  if (!is_in_force(pass, entry) || is_syn(packet)) return false;
  follow_entry(pass, packet, *entry);
  return true;
}

// What choosing and remembering it will touch, most likely.
template <typename Entry>
void ask_for_lines(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  newcomer.lender->schedule->prefetch(newcomer.schedule_hash);
  if (connections.table->flood().on()) return;  // most are not remembered then, and the lines are better left to the others
  connections.expiry->prefetch(connections.table->prefetch_place(newcomer.packet->flow_hash));
}

// False: it has its verdict. An entry exists only for a client that passed, so this is the one place where clients are judged.
template <typename Entry>
bool prepare(const Pass& pass, Packet& packet, Newcomer<Entry>& newcomer) noexcept {
  newcomer.packet = &packet;
  newcomer.key = key_of<Entry, Direction::from_client>(packet);
  newcomer.id =
      pass.generation.index->find_service(IpAddress{newcomer.key.far}, newcomer.key.client.protocol, newcomer.key.far_port.host());
  DropReason wrong = judge_source(pass, packet, newcomer.id);
  if (wrong == DropReason::count_ && newcomer.id == kNoService) {
    if (follow_leftover<Entry>(pass, packet, newcomer.key)) return false;
    wrong = DropReason::no_service;
  }
  if (wrong != DropReason::count_) {
    pass.batch.drop(packet, wrong);
    return false;
  }
  newcomer.service = &(*pass.generation.services)[index(newcomer.id)];
  if (newcomer.service->limits.packets() && is_packet_over_limit(pass, packet, newcomer.id)) return false;
  newcomer.named = named_by_id(pass, *newcomer.service, packet);
  newcomer.lender = &lender_of(pass.generation, *newcomer.service);
  newcomer.schedule_hash = schedule_hash_of<Entry>(pass.generation, *newcomer.lender->schedule, newcomer.key);
  ask_for_lines(pass, newcomer);
  return true;
}

// A datagram's flow leaves a backend that is lost, unless nobody is there to take it.
template <typename Entry>
bool moves(const Newcomer<Entry>& newcomer, Fate fate) noexcept {
  return fate == Fate::move && newcomer.lender->live->count() > 0;
}

template <typename Entry>
bool renews(const Pass& pass, const Packet& syn, const Entry& entry, BackendState backend) noexcept {
  return meet_syn(entry.state, is_one_way(entry.method), backend) == SynVerdict::renew || contradicts_first_syn(pass, syn, entry);
}

// Why the entry is not the packet's any more; count_: it is.
template <typename Entry>
RemoveReason outlived(const Pass& pass, const Newcomer<Entry>& newcomer, const Entry& entry) noexcept {
  const BackendView& view = pass.backend_views[index(entry.backend_slot)];
  if (!entry.belongs_to(view) || view.fate == Fate::none) return RemoveReason::backend_gone;
  if (is_syn(*newcomer.packet) && renews(pass, *newcomer.packet, entry, view.state)) return RemoveReason::replaced;
  if (moves(newcomer, view.fate)) return RemoveReason::moved;
  return !newcomer.packet->is_tcp() && view.fate == Fate::cut ? RemoveReason::killed : RemoveReason::count_;
}

// The entry that decides after all: made by an earlier packet of this batch, or one that a SYN leaves in force.
template <typename Entry>
Entry* usable_entry(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  Entry* entry = connections.table->find(newcomer.packet->flow_hash, newcomer.key, Direction::from_client);
  if (entry == nullptr) return nullptr;
  const RemoveReason why = outlived(pass, newcomer, *entry);
  if (why == RemoveReason::count_) return entry;
  end_connection(pass.context, connections, *entry, why);
  return nullptr;
}

template <typename Entry>
bool is_peers(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const std::uint32_t groups = groups_of_peer(pass);
  if (groups == 0) return false;
  const VipEntry* vip = pass.generation.index->find_vip(newcomer.key.far);
  return vip != nullptr && (groups >> index(vip->group) & 1) != 0;
}

template <typename Entry>
void decide(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  if (is_peers(pass, newcomer) && hand_to_peer(pass, *newcomer.packet)) return;
  if (newcomer.service->one_packet) return forward_one(pass, newcomer);
  const std::uint8_t flags = newcomer.packet->l4_flags;
  if (!newcomer.packet->is_tcp() || is_bare_syn(flags)) {
    if (!is_over_limit(pass, *newcomer.packet, newcomer.id)) open_connection(pass, newcomer);
    return;
  }
  const bool adoptable = newcomer.service->method != ForwardingMethod::full_nat;  // its port is known to nobody
  if (adoptable && is_mid_flow(flags)) return adopt_by_client(pass, newcomer);
  forward_untracked(pass, newcomer);
}

// The id names another backend than the flow has: another connection of the same socket, or of who had its address before. The flow's
// own entry stays as it is, unless the way there is by an entry alone.
template <typename Entry>
void follow_id(const Pass& pass, const Newcomer<Entry>& newcomer, Entry* entry) noexcept {
  if (entry != nullptr && entry->method != ForwardingMethod::full_nat)
    return send_untracked(pass, newcomer, newcomer.named, OrphanDecision::by_connection_id);
  if (entry != nullptr) end_connection(pass.context, pass.connections<Entry>(), *entry, RemoveReason::moved);
  if (is_peers(pass, newcomer) && hand_to_peer(pass, *newcomer.packet)) return;
  open_named(pass, newcomer);
}

// Room for one that is not there yet: to make a batch's worth of empty ones would cost more than a few newcomers do.
template <typename Entry>
union Seat {
  Seat() noexcept {}
  Newcomer<Entry> newcomer;
};

template <typename Entry>
void choose_from_clients(const Pass& pass, Lane& lane) noexcept {
  std::array<Seat<Entry>, kBatchMax> seats;
  std::size_t count = 0;
  for (Packet* packet : lane) count += prepare(pass, *packet, *std::construct_at(&seats[count].newcomer));
  for (const Seat<Entry>& seat : std::span{seats}.first(count)) {
    const Newcomer<Entry>& newcomer = seat.newcomer;
    Entry* entry = usable_entry(pass, newcomer);
    if (newcomer.named != kNoBackend && (entry == nullptr || entry->backend_slot != newcomer.named)) follow_id(pass, newcomer, entry);
    else if (entry == nullptr) decide(pass, newcomer);
    else follow_entry(pass, *newcomer.packet, *entry);
  }
}

template <typename Entry>
void choose_family(const Pass& pass) noexcept {
  FamilyLanes<Entry>& lanes = pass.lanes_of<Entry>();
  if (!lanes.undecided_from_client.empty()) choose_from_clients<Entry>(pass, lanes.undecided_from_client);
  for (Packet* packet : lanes.undecided_from_backend) settle_lone_reply<Entry>(pass, *packet);
}

}  // namespace

void choose(const Pass& pass) noexcept {
  choose_family<ConnEntry4>(pass);
  choose_family<ConnEntry6>(pass);
}

}  // namespace tandem
