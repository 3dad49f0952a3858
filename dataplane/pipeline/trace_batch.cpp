// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/trace_batch.h"

#include "dataplane/observe/filter.h"
#include "dataplane/packet/parse.h"
#include "dataplane/pipeline/flow_standing.h"

namespace tandem {

namespace {

TraceKind kind_of(const Packet& packet) noexcept {
  switch (packet.kind) {
    case PacketKind::transport:
    case PacketKind::first_fragment:
    case PacketKind::later_fragment:
      return packet.is_tcp() ? TraceKind::tcp : TraceKind::udp;
    case PacketKind::icmp:
      return TraceKind::icmp;
    case PacketKind::fragment:
      return TraceKind::fragment;
    case PacketKind::other_protocol:
      return TraceKind::other_ip;
    case PacketKind::arp:
      return TraceKind::arp;
    case PacketKind::other_ethernet:
      return TraceKind::other;
    case PacketKind::malformed:
    case PacketKind::malformed_l4:
      break;
  }
  return TraceKind::malformed;
}

bool has_ports(const TraceRecord& record) noexcept { return record.kind == TraceKind::tcp || record.kind == TraceKind::udp; }

bool has_addresses(const Packet& packet) noexcept {
  return packet.kind != PacketKind::malformed && packet.kind != PacketKind::arp && packet.kind != PacketKind::other_ethernet;
}

void read_ends(const Packet& packet, Endpoint& source, Endpoint& target) noexcept {
  if (!has_addresses(packet)) return;
  source.address = packet.source(), target.address = packet.target();
  if (packet.kind != PacketKind::transport && packet.kind != PacketKind::first_fragment && packet.kind != PacketKind::later_fragment)
    return;
  source.port = packet.source_port.host(), target.port = packet.target_port.host();
}

FlowQuestion question_of(const TraceRecord& record) noexcept {
  return {.protocol = record.kind == TraceKind::tcp ? Protocol::tcp : Protocol::udp, .source = record.source, .target = record.target};
}

FlowFate fate_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::transmit:
      return FlowFate::sent;
    case Verdict::punt:
      return FlowFate::punted;
    case Verdict::to_pair:
      return FlowFate::to_pair;
    case Verdict::hand_over:
      return FlowFate::handed_over;
    case Verdict::hold:
      return FlowFate::held;
    case Verdict::none:
    case Verdict::drop:
      break;
  }
  return FlowFate::dropped;
}

// As the frame is now, outermost: what left is not what came.
void read_left(const Packet& packet, TraceRecord& record) noexcept {
  Packet left{};
  left.frame = rte_pktmbuf_mtod(packet.mbuf, std::uint8_t*);
  left.frame_bytes = packet.mbuf->pkt_len, left.readable_bytes = packet.mbuf->data_len;
  parse(left);
  read_ends(left, record.left_source, record.left_target);
}

void note_way_out(const Batch& batch, const Packet& packet, TraceRecord& record) noexcept {
  for (std::uint32_t ports = batch.ports(); ports != 0; ports &= ports - 1) {
    const auto port = static_cast<PortId>(std::countr_zero(ports));
    for (const rte_mbuf* mbuf : batch.transmits(port))
      if (mbuf == packet.mbuf) record.out = port;
  }
  for (const Handover& handover : batch.handovers())
    if (handover.mbuf == packet.mbuf) record.owner = handover.owner;
  for (const Punt& punt : batch.punts())
    if (punt.mbuf == packet.mbuf) record.punt_class = punt.punt_class;
}

}  // namespace

void TraceBatch::begin() noexcept {
  std::size_t place = 0;
  for (Packet& packet : batch_.packets()) note(place++, packet);
}

void TraceBatch::note(std::size_t place, Packet& packet) noexcept {
  if (!passes(trace_.filter, {packet.frame, packet.readable_bytes}, packet.frame_bytes)) return;
  WatchCounts& counts = trace_.counts[index(context_.self)];
  counts.seen.add();
  const SpscRing<TraceRecord>& ring = *trace_.rings[index(context_.self)];
  followed_[place] = ring.size() + batch_.size() <= ring.capacity();
  if (!followed_[place]) return counts.lost.add();
  if (packet.origin == Origin::wire) parse(packet);
  TraceRecord& record = records_[place] = {};
  record.time_ns = context_.now.since_start.count();
  record.frame_bytes = packet.frame_bytes, record.worker = context_.self, record.port = packet.port;
  record.handed_over = packet.origin == Origin::handed_over;
  record.kind = kind_of(packet);
  if (record.kind == TraceKind::tcp) record.tcp_flags = packet.l4_flags;
  read_ends(packet, record.source, record.target);
  if (!has_ports(record)) return;
  record.role = role_of(*context_.generation, question_of(record));
  record.met = find_own_entry(context_, question_of(record), record.role);
}

void TraceBatch::passed(TraceStage stage) noexcept {
  std::size_t place = 0;
  for (const Packet& packet : batch_.packets()) {
    const bool decides = !decided_[place] && packet.verdict != Verdict::none;
    if (decides) decided_[place] = true, records_[place].stage = stage;
    ++place;
  }
}

void TraceBatch::end() noexcept {
  std::size_t place = 0;
  for (const Packet& packet : batch_.packets()) {
    if (followed_[place]) tell(place, packet);
    ++place;
  }
}

void TraceBatch::tell(std::size_t place, const Packet& packet) noexcept {
  TraceRecord& record = records_[place];
  record.fate = fate_of(packet.verdict);
  if (packet.verdict == Verdict::drop) record.reason = packet.reason;
  note_way_out(batch_, packet, record);
  if (record.fate == FlowFate::sent) read_left(packet, record);
  if (has_ports(record)) record.made = find_own_entry(context_, question_of(record), record.role);
  trace_.rings[index(context_.self)]->push(record);
}

}  // namespace tandem
