// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/tell_address.h"

#include "dataplane/conn/tcp_state.h"
#include "dataplane/forward/client_header.h"
#include "dataplane/forward/full_nat_error.h"
#include "dataplane/forward/tcp_edit.h"
#include "dataplane/pipeline/note_flow.h"
#include "dataplane/pipeline/send_by_full_nat.h"

namespace tandem {

namespace {

void count_told(const Pass& pass, ClientAddressFate fate) noexcept {
  pass.counters().client_addresses[static_cast<std::size_t>(fate)].add();
}

bool has(const Packet& packet, std::uint8_t flags) noexcept { return (packet.l4_flags & flags) != 0; }

bool may_be_edited(const Packet& packet) noexcept { return packet.kind == PacketKind::transport && tcp_header_is_readable(packet); }

// How far a sequence number lies ahead of another, less than 0: behind it (RFC 9293 3.4).
std::int32_t ahead_of(std::uint32_t number, std::uint32_t other) noexcept { return static_cast<std::int32_t>(number - other); }

template <typename Entry>
const ConnDetail& detail_of(const Pass& pass, const Entry& entry) noexcept {
  return static_cast<const ConnTable<Entry>&>(*pass.connections<Entry>().table).detail(entry);
}

template <typename Entry>
void send_as_it_is(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  send_full_nat_to_backend(pass, packet, entry, 0, [] { return true; });
}

// Within sixty bytes of header and what the way to the backend holds.
template <typename Entry>
bool has_room(const Pass& pass, const Packet& packet, const Entry& entry, std::size_t option_bytes) noexcept {
  if (!may_be_edited(packet) || packet.tcp().header_bytes() + option_bytes > kTcpHeaderMost) return false;
  const Adjacency& hop = pass.backend_hops[index(entry.backend_slot)];
  const int bytes = packet.ip_bytes + growth_as(packet, pass.backend_views[index(entry.backend_slot)].address.family);
  return !hop.resolved() || bytes + static_cast<int>(option_bytes) <= pass.ports[hop.port].mtu_bytes;
}

// The client's own option of that kind would be believed where ours finds no room.
template <typename Entry>
void send_with_toa(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  if (packet.kind == PacketKind::later_fragment || has(packet, kTcpRst)) return send_as_it_is(pass, packet, entry);
  if (may_be_edited(packet) && blank_tcp_options(packet, kToaKind) != 0) count_told(pass, ClientAddressFate::forged);
  const auto option = toa_of(entry);
  if (!has_room(pass, packet, entry, option.size())) {
    count_told(pass, ClientAddressFate::no_room);
    return send_as_it_is(pass, packet, entry);
  }
  count_told(pass, ClientAddressFate::toa);
  send_full_nat_to_backend(pass, packet, entry, option.size(), [&] { return insert_tcp_option(packet, option); });
}

// Nothing may come with it: the header is first. A server may always take none of it (RFC 7413 2), so the client sends it again.
template <typename Entry>
void send_syn_for_proxy(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  if (tcp_payload_bytes(packet) != 0) {
    if (!cut_tcp_payload(packet)) return pass.batch.drop(packet, DropReason::before_proxy_header);
    count_told(pass, ClientAddressFate::syn_data_cut);
  }
  blank_tcp_options(packet, kTcpOptionFastOpen);
  TcpHeader& tcp = packet.tcp();
  set_tcp_number(tcp, tcp.sequence, tcp.sequence.host() - told_bytes<Entry>(ClientAddress::proxy_v2));
  send_as_it_is(pass, packet, entry);
}

// In front of the client's first byte, as often as it is sent, and of its first acknowledgment, which lets servers speak that
// speak first. What has numbers of the header's own would be taken for it.
template <typename Entry>
void send_with_proxy_header(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  if (!may_be_edited(packet)) return pass.batch.drop(packet, DropReason::before_proxy_header);
  if (is_bare_syn(packet.l4_flags)) return send_syn_for_proxy(pass, packet, entry);
  const std::int32_t ahead = ahead_of(packet.tcp().sequence.host(), detail_of(pass, entry).first_byte);
  const bool has_numbers = tcp_payload_bytes(packet) != 0 || has(packet, kTcpFin);
  if (has(packet, kTcpRst)) return send_as_it_is(pass, packet, entry);
  if (has(packet, kTcpSyn) || (ahead < 0 && has_numbers)) return pass.batch.drop(packet, DropReason::before_proxy_header);
  if (ahead != 0) return send_as_it_is(pass, packet, entry);
  const auto header = proxy_header_of(entry);
  count_told(pass, ClientAddressFate::proxy_v2);
  send_full_nat_to_backend(pass, packet, entry, header.size(), [&] {
    if (!insert_in_tcp(packet, packet.tcp().header_bytes(), header)) return false;
    TcpHeader& tcp = packet.tcp();
    set_tcp_number(tcp, tcp.sequence, tcp.sequence.host() - static_cast<std::uint32_t>(header.size()));
    return true;
  });
}

// A backend that took the handshake's last segment has read its option; one that still waits for it may answer too (RFC 9293 3.10.7.4),
// but has neither data nor heard any.
bool heard_of_toa(const Packet& packet, std::uint32_t first_byte) noexcept {
  if (has(packet, kTcpSyn | kTcpRst)) return false;
  const bool heard_data = has(packet, kTcpAck) && ahead_of(packet.tcp().acknowledgment.host(), first_byte) > 0;
  return heard_data || has(packet, kTcpFin) || tcp_payload_bytes(packet) != 0;
}

// The client knows nothing of the header: what acknowledges a part of it, or only the SYN before it, acknowledges its own SYN.
template <typename Entry>
bool heard_of_proxy(Packet& packet, std::uint32_t first_byte) noexcept {
  if (!has(packet, kTcpAck)) return false;
  TcpHeader& tcp = packet.tcp();
  const std::int32_t ahead = ahead_of(tcp.acknowledgment.host(), first_byte);
  if (ahead >= 0) return !has(packet, kTcpSyn);
  if (-ahead <= told_bytes<Entry>(ClientAddress::proxy_v2)) set_tcp_number(tcp, tcp.acknowledgment, first_byte);
  return false;
}

}  // namespace

template <typename Entry>
void send_with_address(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  if (detail_of(pass, entry).tells == ClientAddress::toa) return send_with_toa(pass, packet, entry);
  send_with_proxy_header(pass, packet, entry);
}

template <typename Entry>
void hear_of_address(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  if (!may_be_edited(packet)) return;
  const ConnDetail& detail = detail_of(pass, entry);
  if (has(packet, kTcpSyn)) lower_mss(packet, told_bytes<Entry>(detail.tells));
  const bool heard =
      detail.tells == ClientAddress::toa ? heard_of_toa(packet, detail.first_byte) : heard_of_proxy<Entry>(packet, detail.first_byte);
  if (!heard) return;
  entry.set_owes_address(false);
  note_change(pass.context, pass.connections<Entry>(), entry);
}

template <typename Entry>
void number_quote_as_client(const Pass& pass, Packet& error, Packet& quoted, const Entry& entry) noexcept {
  const ConnDetail& detail = detail_of(pass, entry);
  if (detail.tells != ClientAddress::proxy_v2 || ahead_of(quoted.tcp().sequence.host(), detail.first_byte) >= 0) return;
  number_as_client(error, quoted, told_bytes<Entry>(detail.tells));
}

template void send_with_address(const Pass&, Packet&, const ConnEntry4&) noexcept;
template void send_with_address(const Pass&, Packet&, const ConnEntry6&) noexcept;
template void hear_of_address(const Pass&, Packet&, ConnEntry4&) noexcept;
template void hear_of_address(const Pass&, Packet&, ConnEntry6&) noexcept;
template void number_quote_as_client(const Pass&, Packet&, Packet&, const ConnEntry4&) noexcept;
template void number_quote_as_client(const Pass&, Packet&, Packet&, const ConnEntry6&) noexcept;

}  // namespace tandem
