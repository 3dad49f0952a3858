// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/choose.h"

#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/hand_to_peer.h"
#include "dataplane/pipeline/judge_source.h"
#include "dataplane/pipeline/lone_reply.h"
#include "dataplane/pipeline/open.h"
#include "dataplane/pipeline/send_from_client.h"

namespace tandem {

namespace {

// False: it has its verdict. An entry exists only for a client that passed, so this is the one place where clients are judged.
template <typename Entry>
bool prepare(const Pass& pass, Packet& packet, Newcomer<Entry>& newcomer) noexcept {
  newcomer.packet = &packet;
  newcomer.key = key_of<Entry, Direction::from_client>(packet);
  newcomer.id =
      pass.generation.index->find_service(IpAddress{newcomer.key.far}, newcomer.key.client.protocol, newcomer.key.far_port.host());
  DropReason wrong = judge_source(pass, packet, newcomer.id);
  if (wrong == DropReason::count_ && newcomer.id == kNoService) wrong = DropReason::no_service;
  if (wrong != DropReason::count_) {
    pass.batch.drop(packet, wrong);
    return false;
  }
  newcomer.service = &(*pass.generation.services)[index(newcomer.id)];
  if (newcomer.service->limits.packets() && is_packet_over_limit(pass, packet, newcomer.id)) return false;
  newcomer.lender = &lender_of(pass.generation, *newcomer.service);
  newcomer.schedule_hash = schedule_hash_of<Entry>(pass.generation, *newcomer.lender, newcomer.key);
  newcomer.lender->schedule->prefetch(newcomer.schedule_hash);
  return true;
}

// The entry that decides after all: made by an earlier packet of this batch, or one that a SYN leaves in force.
template <typename Entry>
Entry* usable_entry(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  Entry* entry = connections.table->find(newcomer.packet->flow_hash, newcomer.key, Direction::from_client);
  if (entry == nullptr) return nullptr;
  const BackendView& view = (*pass.generation.backends)[index(entry->backend_slot)];
  if (!entry->belongs_to(view) || view.state == BackendState::unused) {
    end_connection(pass.context, connections, *entry, RemoveReason::backend_gone);
    return nullptr;
  }
  const bool renews = newcomer.packet->is_tcp() && is_bare_syn(newcomer.packet->l4_flags) &&
                      meet_syn(entry->state, is_one_way(entry->method), view.state) == SynVerdict::renew;
  if (!renews) return entry;
  end_connection(pass.context, connections, *entry, RemoveReason::replaced);
  return nullptr;
}

template <typename Entry>
bool is_peers(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const std::uint32_t groups = groups_of_peer(pass);
  if (groups == 0) return false;
  const VipEntry* vip = pass.generation.index->find_vip(newcomer.key.far);
  return vip != nullptr && (groups >> index(vip->group) & 1) != 0;
}

// TCP in mid-flow has an ACK and neither SYN nor RST; nothing else may make an entry but a bare SYN.
template <typename Entry>
void decide(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  if (is_peers(pass, newcomer) && hand_to_peer(pass, *newcomer.packet)) return;
  const std::uint8_t flags = newcomer.packet->l4_flags;
  if (!newcomer.packet->is_tcp() || is_bare_syn(flags)) {
    if (!is_over_limit(pass, *newcomer.packet, newcomer.id)) open_connection(pass, newcomer, Opening::fresh);
    return;
  }
  const bool adoptable = newcomer.service->method != ForwardingMethod::full_nat;  // its port is known to nobody
  if (adoptable && (flags & (kTcpAck | kTcpSyn | kTcpRst)) == kTcpAck) return open_connection(pass, newcomer, Opening::adopted);
  forward_untracked(pass, newcomer);
}

template <typename Entry>
void choose_from_clients(const Pass& pass, Lane& lane) noexcept {
  std::array<Newcomer<Entry>, kBatchMax> newcomers;
  std::size_t count = 0;
  for (Packet* packet : lane) count += prepare(pass, *packet, newcomers[count]);
  for (const Newcomer<Entry>& newcomer : std::span{newcomers}.first(count)) {
    Entry* entry = usable_entry(pass, newcomer);
    if (entry == nullptr) {
      decide(pass, newcomer);
      continue;
    }
    if (newcomer.packet->is_tcp() && is_bare_syn(newcomer.packet->l4_flags))
      note_begun_anew(pass.context, pass.connections<Entry>(), *entry);
    observe_packet(pass.context, pass.connections<Entry>(), *entry, Direction::from_client, newcomer.packet->l4_flags);
    send_from_client(pass, *newcomer.packet, *entry);
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
