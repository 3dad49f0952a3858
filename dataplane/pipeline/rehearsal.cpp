// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/rehearsal.h"

#include <algorithm>
#include <bit>

#include "dataplane/packet/parse.h"
#include "dataplane/pipeline/flow_standing.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/pipeline.h"
#include "dataplane/pipeline/probe.h"
#include "dataplane/pipeline/stand_in.h"

namespace tandem {

namespace {

// Connections of a one-way VIP may lie elsewhere than arithmetic says.
template <typename Entry>
bool has_entry_to(const FamilyGlance<Entry>& glance, const FlowQuestion& question) {
  using Address = typename Entry::AddressType;
  const typename Entry::Key key{client_end_as<Entry>(question.source, question.protocol), address_as<Address>(question.target.address),
                                Be16{question.target.port}};
  return std::ranges::any_of(std::span{glance.kin}.first(glance.count),
                             [&](const Kin<Entry>& kin) { return matches(kin.entry, key, Direction::from_client); });
}

bool has_entry(const FlowGlance& glance) {
  if (glance.question.source.address.family == Family::ipv4) return has_entry_to(glance.v4, glance.question);
  return has_entry_to(glance.v6, glance.question);
}

std::uint8_t flags_of(const FlowQuestion& question, const ExplainedFlow& told) {
  if (question.protocol != Protocol::tcp) return 0;
  const bool begins = told.role == FlowRole::client && !told.met && !question.mid_flow;
  return begins ? kTcpSyn : kTcpAck;
}

template <typename Enum, std::size_t kCount>
std::optional<Enum> first_counted(const std::array<Counter, kCount>& counters) {
  for (std::size_t i = 0; i < kCount; ++i)
    if (counters[i].get() != 0) return static_cast<Enum>(i);
  return std::nullopt;
}

// The one that the packet was counted at.
BackendSlot backend_counted(std::span<const BackendCounters> backends) {
  for (std::size_t i = 0; i < backends.size(); ++i)
    if (backends[i].received_packets.get() + backends[i].transmitted_packets.get() != 0) return static_cast<BackendSlot>(i);
  return kNoBackend;
}

// What is written on the outside of the frame.
void read_frame(const rte_mbuf* mbuf, ExplainedFlow& told) {
  const auto* first = rte_pktmbuf_mtod(mbuf, const std::uint8_t*);
  told.frame.assign(first, first + mbuf->data_len);
  Packet packet{};
  packet.frame = told.frame.data();
  packet.frame_bytes = packet.readable_bytes = static_cast<std::uint32_t>(told.frame.size());
  parse(packet);
  if (packet.kind == PacketKind::malformed || packet.kind == PacketKind::arp || packet.kind == PacketKind::other_ethernet) return;
  told.next_mac = packet.eth().target;
  told.left_source.address = packet.source(), told.left_target.address = packet.target();
  if (packet.kind != PacketKind::transport) return;
  told.left_source.port = packet.source_port.host(), told.left_target.port = packet.target_port.host();
}

void note_next_hop(const Generation& generation, const FlowQuestion& question, ExplainedFlow& told) {
  const bool to_backend = told.role == FlowRole::client && told.backend != kNoBackend;
  const IpAddress& towards = to_backend                       ? (*generation.backends)[index(told.backend)].address
                             : told.role == FlowRole::backend ? question.target.address
                                                              : told.left_target.address;
  if (const auto hop = generation.routes->find(towards)) told.next_hop = hop->address;
}

void take_mbuf(rte_mbuf* mbuf, FlowFate fate, ExplainedFlow& told) {
  told.fate = fate;
  read_frame(mbuf, told);
  rte_pktmbuf_free(mbuf);
}

void note_fate(const Batch& batch, ExplainedFlow& told) {
  for (std::uint32_t ports = batch.ports(); ports != 0; ports &= ports - 1) {
    told.out = static_cast<PortId>(std::countr_zero(ports));
    for (rte_mbuf* mbuf : batch.transmits(told.out)) take_mbuf(mbuf, FlowFate::sent, told);
  }
  for (const Held& held : batch.held()) take_mbuf(held.mbuf, FlowFate::held, told);
  for (const Punt& punt : batch.punts()) told.punt_class = punt.punt_class, take_mbuf(punt.mbuf, FlowFate::punted, told);
  for (const PairPacket& packet : batch.to_pair()) take_mbuf(packet.mbuf, FlowFate::to_pair, told);
  for (const Handover& handover : batch.handovers()) told.worker = handover.owner, take_mbuf(handover.mbuf, FlowFate::handed_over, told);
}

void note_counted(const StandIn& stand_in, ExplainedFlow& told) {
  const WorkerCounters& counters = stand_in.counters();
  told.reason = first_counted<DropReason>(counters.dropped).value_or(DropReason::count_);
  told.failure = first_counted<InsertFailure>(counters.insert_failures);
  told.orphan = first_counted<OrphanDecision>(counters.orphans);
  told.to_peer = counters.handed_to_peer.get() != 0;
  told.backend = backend_counted(stand_in.backends());
}

// What it opened, or was decided without an entry.
bool was_decided(const StandIn& stand_in, const Standing& before, const ExplainedFlow& told) {
  if (before.lender == nullptr || told.backend == kNoBackend || told.to_peer) return false;
  return !told.met || told.orphan || stand_in.counters().inserts_local.get() != 0;
}

// As classify has it (receiver_owns).
bool goes_to_any_worker(const StandIn& stand_in, const FlowQuestion& question, const ExplainedFlow& told) {
  if (told.role != FlowRole::client || told.met) return false;
  const bool own_queues = (stand_in.context().queue_per_worker_ports >> index(told.port) & 1) != 0;
  return own_queues && (stand_in.generation().index->find_vip(question.target.address)->flags & kVipOneWay) != 0;
}

void play(const StandIn& stand_in, rte_mbuf* mbuf, const Standing& before, const FlowQuestion& question, ExplainedFlow& told) {
  const auto batch = std::make_unique<Batch>();
  const auto pipeline = std::make_unique<Pipeline>();
  batch->add(mbuf, told.port);
  pipeline->run(stand_in.context(), *batch);
  note_counted(stand_in, told);
  told.made = find_entry(stand_in.context(), question, told.role);
  if (told.backend == kNoBackend) told.backend = told.made.backend;
  told.decides = was_decided(stand_in, before, told);
  for (const Contender& each : before.all)
    if (told.decides && each.slot == told.backend) told.chosen = each;
  note_fate(*batch, told);
  note_next_hop(stand_in.generation(), question, told);
  told.any_worker = goes_to_any_worker(stand_in, question, told);
  if (told.service == kNoService && told.met) told.service = told.met.service;
}

}  // namespace

ExplainedFlow rehearse(const Generation& generation, const FlowGlance& glance, const MakeBuffer& make_buffer) {
  const StandIn stand_in{generation, glance};
  const FlowQuestion& question = glance.question;
  ExplainedFlow told;
  told.generation = generation.number;
  told.worker = stand_in.context().self;
  told.role = role_of(stand_in.generation(), question);
  told.met = find_entry(stand_in.context(), question, told.role);
  told.tcp_flags = flags_of(question, told);
  const Standing before = told.role == FlowRole::client ? note_candidates(stand_in, question, told) : Standing{};
  const Probe probe = make_probe(stand_in.generation(), question, told.tcp_flags);
  told.port = probe.port, told.vlan = probe.vlan;
  if (rte_mbuf* mbuf = make_buffer(probe.frame)) play(stand_in, mbuf, before, question, told);
  else told.reason = DropReason::no_buffer;
  return told;
}

const FlowGlance& find_glance(const Generation& generation, std::span<const std::unique_ptr<FlowGlance>> by_worker) {
  const FlowGlance& any = *by_worker.front();
  const FlowRole role = role_of(generation, any.question);
  for (const auto& glance : by_worker)
    if (role == FlowRole::client && has_entry(*glance)) return *glance;
  return *by_worker[index(owner_of(generation, *any.context.hasher, any.question))];
}

}  // namespace tandem
