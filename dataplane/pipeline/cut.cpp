// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/cut.h"

#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/own_error.h"
#include "dataplane/pipeline/send_by_full_nat.h"
#include "dataplane/pipeline/send_from_client.h"

namespace tandem {

namespace {

constexpr Direction other(Direction direction) {
  return direction == Direction::from_client ? Direction::from_backend : Direction::from_client;
}

// What a segment takes of its sender's numbers (RFC 9293 3.4).
std::uint32_t sequence_length(const Packet& packet) noexcept {
  const TcpHeader& tcp = packet.tcp();
  const int payload = packet.ip_bytes - (packet.l4_offset - packet.l3_offset) - tcp.header_bytes();
  return static_cast<std::uint32_t>(std::max(payload, 0)) + ((tcp.flags & kTcpSyn) != 0 ? 1 : 0) + ((tcp.flags & kTcpFin) != 0 ? 1 : 0);
}

// As its receiver counts, so that nothing is put in front of it (tell_address.h).
template <typename Entry>
Entry as_it_stands(const Entry& entry) noexcept {
  Entry copy = entry;
  if (copy.method == ForwardingMethod::full_nat) copy.set_owes_address(false);
  return copy;
}

template <typename Entry>
OwnSegment<Entry> reset_for(const Entry& entry, Direction whose) noexcept {
  return {.entry = as_it_stands(entry),
          .kind = whose == Direction::from_client ? OwnSegmentKind::reset_client : OwnSegmentKind::reset_backend};
}

// To its sender: RFC 9293 3.10.7.1, as if nobody knew the connection.
template <typename Entry>
OwnSegment<Entry> answer_to(const Packet& packet, const Entry& entry, Direction direction) noexcept {
  OwnSegment<Entry> reset = reset_for(entry, direction);
  const TcpHeader& tcp = packet.tcp();
  const bool acknowledges = (tcp.flags & kTcpAck) != 0;
  reset.flags = acknowledges ? kTcpRst : kTcpRst | kTcpAck;
  reset.sequence = acknowledges ? tcp.acknowledgment.host() : 0;
  reset.acknowledgment = acknowledges ? 0 : tcp.sequence.host() + sequence_length(packet);
  return reset;
}

// To whom it was sent: in its place.
template <typename Entry>
OwnSegment<Entry> instead_of(const Packet& packet, const Entry& entry, Direction direction) noexcept {
  OwnSegment<Entry> reset = reset_for(entry, other(direction));
  const TcpHeader& tcp = packet.tcp();
  const bool acknowledges = (tcp.flags & kTcpAck) != 0;
  reset.flags = acknowledges ? kTcpRst | kTcpAck : kTcpRst;
  reset.sequence = tcp.sequence.host();
  reset.acknowledgment = acknowledges ? tcp.acknowledgment.host() : 0;
  return reset;
}

template <typename Entry>
void mark_cut(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  const ConnDetail& detail = connections.table->detail(entry);
  const bool was_closed = is_closed(entry.state);
  const Timeouts& timeouts = (*context.generation->services)[index(detail.service)].timeouts;
  entry.touch(connections.expiry->tick());
  enter(*connections.table, *connections.expiry, entry, {ConnState::reset, static_cast<std::uint8_t>(detail.seen | kCut)}, timeouts);
  BackendCounters& backend = context.backends[index(entry.backend_slot)];
  count_closing(backend, was_closed, entry.state);
  backend.closed_cut.add();
  note_change(context, connections, entry);
}

// The first segment tells both ends. Later ones are of somebody whom no reset reached; where replies do not pass us, of both.
template <typename Entry>
void answer_segment(const Pass& pass, const Packet& packet, Entry& entry, Direction direction) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  OwnSegments& segments = *pass.context.own_segments;
  if (!segments.has_room()) return;  // its sender says it again
  const bool waits = entry.state == ConnState::half_open;
  const bool first = !is_cut(connections, entry);
  segments.push(answer_to(packet, entry, direction));
  if (waits && direction == Direction::from_backend) return;  // its client's next SYN finds another backend
  if (first || is_one_way(entry.method)) segments.push(instead_of(packet, entry, direction));
  if (first) mark_cut(pass.context, connections, entry);
}

template <typename Entry>
void pass_on(const Pass& pass, Packet& packet, Entry& entry, Direction direction) noexcept {
  if (packet.hop_limit() <= 1) return drop_expired(pass, packet);
  observe_packet(pass.context, pass.connections<Entry>(), entry, direction, packet.l4_flags);
  if (direction == Direction::from_client) return send_from_client(pass, packet, entry);
  if (entry.method == ForwardingMethod::full_nat) return send_full_nat_to_client(pass, packet, entry);
  send_to_client<NatToClient>(pass, packet, entry);
}

template <typename Entry>
OwnSegment<Entry> probe(const Entry& entry, Direction whom, std::uint32_t number) noexcept {
  return {.entry = as_it_stands(entry),
          .kind = whom == Direction::from_client ? OwnSegmentKind::probe_client : OwnSegmentKind::probe_backend,
          .flags = kTcpAck,
          .sequence = number,
          .acknowledgment = number};
}

}  // namespace

// A reset is never answered (RFC 9293 3.10.7.1), and says to its target what we would. In TIME_WAIT both have ended already.
template <typename Entry>
void settle_ending(const Pass& pass, Packet& packet, Entry& entry, Direction direction) noexcept {
  if (!packet.is_tcp()) {
    end_connection(pass.context, pass.connections<Entry>(), entry, RemoveReason::killed);
    return pass.batch.drop(packet, DropReason::connection_cut);
  }
  if ((packet.l4_flags & kTcpRst) != 0 || entry.state == ConnState::time_wait) return pass_on(pass, packet, entry, direction);
  answer_segment(pass, packet, entry, direction);
  pass.batch.drop(packet, DropReason::connection_cut);
}

// Any number will do that lies in no window; that of the entry's place does, but for one connection in some ten thousands.
template <typename Entry>
void cut_silent(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (entry.protocol != Protocol::tcp) return end_connection(context, connections, entry, RemoveReason::killed);
  if (is_closed(entry.state) || entry.state == ConnState::half_open) return;
  const std::uint32_t number = connections.table->detail(entry).hash;
  context.own_segments->push(probe(entry, Direction::from_client, number));
  if (!is_one_way(entry.method)) context.own_segments->push(probe(entry, Direction::from_backend, number));
  mark_cut(context, connections, entry);
}

template void settle_ending(const Pass&, Packet&, ConnEntry4&, Direction) noexcept;
template void settle_ending(const Pass&, Packet&, ConnEntry6&, Direction) noexcept;
template void cut_silent(const WorkerContext&, const Connections<ConnEntry4>&, ConnEntry4&) noexcept;
template void cut_silent(const WorkerContext&, const Connections<ConnEntry6>&, ConnEntry6&) noexcept;

}  // namespace tandem
