// SPDX-License-Identifier: Apache-2.0
// The oracle about ICMP errors (RFC 792, 4443, 5508; docs/design/icmp.md). None is required: of the flow in corpus/oracle/error-of-a-flow,
// which the oracle holds for open, the error is dropped as unknown, and which of the two is wrong is not found yet.
#include "tests/fuzz/oracle.h"

namespace tandem::fuzz {

namespace {

bool is_error(const SlowPacket& found, unsigned type) {
  return found.ipv6 ? type >= 1 && type <= 4 : type == 3 || type == 11 || type == 12;
}

unsigned pseudo_sum(const SlowPacket& found, View packet, std::size_t bytes) {
  if (!found.ipv6) return 0;
  return slow_sum(packet.subspan(8, 32), static_cast<unsigned>(bytes) + 58);
}

unsigned message_sum(const SlowPacket& found, View packet) {
  return slow_sum(packet.subspan(found.l4, found.end - found.l4), pseudo_sum(found, packet, found.end - found.l4));
}

// What is quoted, as far as it is told; nothing when it names no ports.
std::optional<SlowPacket> read_quoted(const SlowPacket& error, View packet) {
  const View quote = packet.subspan(error.l4 + 8, error.end - error.l4 - 8);
  const test::SlowQuote read = test::slow_quote(error.ipv6, quote);
  if (read.wrong != DropReason::count_) return {};
  return SlowPacket{.ipv6 = error.ipv6,
                    .l4 = read.l4_offset,
                    .end = read.bytes,
                    .protocol = read.protocol,
                    .source = slow_address(quote.subspan(error.ipv6 ? 8 : 12), error.ipv6),
                    .target = slow_address(quote.subspan(error.ipv6 ? 24 : 16), error.ipv6),
                    .source_port = read.source_port,
                    .target_port = read.target_port};
}

// TCP's checksum is quoted or is not.
std::size_t quoted_checksum(const SlowPacket& quoted) {
  if (quoted.protocol == 17) return quoted.l4 + 6;
  return quoted.end >= quoted.l4 + 18 ? quoted.l4 + 16 : 0;
}

struct Ends {
  std::optional<IpAddress> source, target;  // of the error itself
  std::optional<SlowEnd> quoted_source, quoted_target;
};

// The error with these ends instead of those it came with. A packet whose checksum was right leaves with a right one.
Bytes carried(const Bytes& packet, const SlowPacket& found, const SlowPacket& quoted, const Ends& ends, Places& checksums) {
  SlowRewrite outer{packet, found};
  if (ends.source) outer.put(outer.address_at(false), bytes_of_address(*ends.source), true);
  if (ends.target) outer.put(outer.address_at(true), bytes_of_address(*ends.target), true);
  outer.take_hop();
  const std::size_t at = found.l4 + 8;
  SlowRewrite inner{Bytes(packet.begin() + static_cast<std::ptrdiff_t>(at), packet.end()), quoted, quoted_checksum(quoted)};
  if (ends.quoted_source) inner.put_end(*ends.quoted_source, false);
  if (ends.quoted_target) inner.put_end(*ends.quoted_target, true);
  std::copy(inner.packet.begin(), inner.packet.end(), outer.packet.begin() + static_cast<std::ptrdiff_t>(at));
  put_word(outer.packet, found.l4 + 2, 0);
  put_word(outer.packet, found.l4 + 2, 65535 - message_sum(found, outer.packet));
  checksums = {found.l4 + 2};
  if (inner.checksum_at != 0) checksums.push_back(at + inner.checksum_at);
  if (!found.ipv6) checksums.push_back(10), checksums.push_back(at + 10);
  return outer.packet;
}

}  // namespace

Oracle::Ruling Oracle::rule_error(const Bytes& packet, const SlowPacket& found) const {
  const auto quoted = read_quoted(found, packet);
  if (!is_error(found, packet[found.l4]) || message_sum(found, packet) != 65535 || !quoted) return {Duty::forbidden};
  if (quoted->source != found.target) return {Duty::forbidden};
  if (!is_ordinary(found.source) || packet.size() > 1300) return {};
  if (is_vip(found.target)) {
    const Served* service = served_at(quoted->source, quoted->source_port, quoted->protocol);
    return service == nullptr ? Ruling{Duty::forbidden} : error_to_server(packet, found, *quoted, *service);
  }
  if (is_pool(found.target)) {
    const Key* key = owner_of_port(found.target, quoted->source_port);
    if (key == nullptr) return {};
    const auto& [client, client_port, service] = *key;
    const bool is_its_own =
        quoted->protocol == 6 && quoted->target == service->server.address && quoted->target_port == service->server.port;
    if (!is_its_own || service->changes_family()) return {Duty::forbidden};
    return error_to_client(packet, found, *quoted, *service, {client, client_port});
  }
  const Served* service = served_by(quoted->target, quoted->target_port, quoted->protocol);
  if (service == nullptr) return {Duty::forbidden};
  return error_to_client(packet, found, *quoted, *service, {quoted->source, quoted->source_port});
}

Oracle::Ruling Oracle::error_to_server(const Bytes& packet, const SlowPacket& found, const SlowPacket& quoted,
                                       const Served& service) const {
  const Key key{quoted.target, quoted.target_port, &service};
  Ruling ruling{Duty::allowed, mac_of_server(service)};
  const SlowEnd server{service.server.address, service.server.port};
  Ends ends;
  if (service.method == ForwardingMethod::nat) ends = {{}, server.address, server, {}};
  if (service.method == ForwardingMethod::full_nat) {
    if (service.changes_family()) return {Duty::forbidden};
    const auto port = ports_.find(key);
    if (port == ports_.end()) return {};
    ends = {pool_of(service), server.address, server, SlowEnd{pool_of(service), port->second}};
  }
  ruling.packet = carried(packet, found, quoted, ends, ruling.checksums);
  if (is_tunnelled(service.method)) ruling.tunnelled = &service;
  return ruling;
}

Oracle::Ruling Oracle::error_to_client(const Bytes& packet, const SlowPacket& found, const SlowPacket& quoted, const Served& service,
                                       const SlowEnd& client) const {
  const auto next_hop = mac_to_client(client.address);
  if (!next_hop) return {};
  Ruling ruling{Duty::allowed, *next_hop};
  const SlowEnd vip{service.listen.address, service.listen.port};
  Ends ends{vip.address, {}, {}, vip};
  if (service.method == ForwardingMethod::full_nat) ends = {vip.address, client.address, client, vip};
  ruling.packet = carried(packet, found, quoted, ends, ruling.checksums);
  return ruling;
}

}  // namespace tandem::fuzz
