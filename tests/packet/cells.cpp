// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/cells.h"

#include "dataplane/packet/parse.h"
#include "tests/packet/cell_row.h"
#include "tests/support/packet_text.h"

namespace tandem::test {

namespace {

// Empty: nothing yet, as of a fragment that waits for its first one.
std::string result_of(const Outcome& outcome) {
  if (!outcome.dropped.empty()) return outcome.dropped.begin()->first;
  if (!outcome.punted.empty()) return "punted";
  if (!outcome.held.empty()) return "held";
  return outcome.sent.empty() ? "" : "forwarded";
}

unsigned traffic_class(const Packet& packet) {
  return packet.family == Family::ipv4 ? packet.ipv4().tos : packet.ipv6().version_class_flow.host() >> 20 & 0xff;
}

std::size_t plain_header(const Packet& packet) { return packet.family == Family::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header); }

// In the order of kEdges.
std::array<bool, kEdges.size()> edges_of(const Packet& packet, std::size_t segments, const Outcome& outcome) {
  const bool transport = packet.kind == PacketKind::transport, udp = transport && !packet.is_tcp();
  const bool too_long = outcome.dropped.contains(std::string{name_of(DropReason::mtu_exceeded)});
  const bool whole = transport && packet.frame_bytes == packet.readable_bytes;
  const std::span frame{packet.frame, packet.frame_bytes};
  return {packet.l4_offset != packet.l3_offset + plain_header(packet) && packet.kind != PacketKind::fragment,
          packet.vlan != 0,
          traffic_class(packet) != 0,
          packet.hop_limit() == 1,
          too_long,
          udp && packet.udp().checksum.wire == 0,
          packet.frame_bytes > packet.l3_offset + std::size_t{packet.ip_bytes},
          segments > 1,
          whole && !checksums_are_right(frame),
          !outcome.held.empty(),
          !outcome.handed_over.empty(),
          packet.eth().target.bytes[0] == 0 && packet.eth().target.bytes[2] == 0x5e};
}

}  // namespace

void CellsSeen::see(const World& world, const Bytes& frame, std::size_t segments, const Outcome& outcome) {
  Bytes bytes = frame;
  Packet packet{};
  packet.frame = bytes.data();
  packet.frame_bytes = packet.readable_bytes = static_cast<std::uint32_t>(bytes.size());
  parse(packet);
  const CellRow row = row_of(world, packet);
  if (row.name.empty()) return;
  const std::string result = result_of(outcome);
  if (!result.empty()) seen_.insert(row.name + row.kind + "=" + result);
  const auto edges = edges_of(packet, segments, outcome);
  for (std::size_t i = 0; i < kEdges.size(); ++i)
    if (edges[i]) seen_.insert(row.name + kEdges[i] + "=" + (result.empty() ? "handed" : result));
}

std::string CellsSeen::text() const {
  std::string text;
  for (const std::string& cell : seen_) text += (text.empty() ? "" : " ") + cell;
  return text;
}

}  // namespace tandem::test
