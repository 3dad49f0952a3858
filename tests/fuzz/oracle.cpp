// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/oracle.h"

#include <algorithm>

#include "tests/support/packet_text.h"

namespace tandem::fuzz {

namespace {

constexpr std::size_t kLink = 14, kMtu = 1500;
constexpr unsigned kFin = 1, kSyn = 2, kRst = 4, kAck = 16;

Bytes part(View of, std::size_t from, std::size_t to) {
  return Bytes(of.begin() + static_cast<std::ptrdiff_t>(from), of.begin() + static_cast<std::ptrdiff_t>(to));
}

bool is_mac(View at, std::string_view mac) { return std::ranges::equal(at.first(6), test::mac(mac).bytes); }

// Of the node's own: nobody forwards to the stranger, nor to a group; ARP and neighbour advertisements go to the MAC that was named inside.
bool is_answer(View frame) {
  const bool is_advert = frame.size() > 54 && word(frame, 12) == 0x86dd && frame[20] == 58 && frame[21] == 255 && frame[54] == 136;
  return is_mac(frame, kStranger) || frame[0] % 2 != 0 || word(frame, 12) == 0x0806 || is_advert;
}

bool opens(const SlowPacket& found) { return found.protocol == 17 || (found.tcp_flags & (kFin | kSyn | kRst | kAck)) == kSyn; }

std::size_t transport_checksum(const SlowPacket& found) { return found.l4 + (found.protocol == 6 ? 16 : 6); }

Places checksums_of(const SlowPacket& found, std::size_t transport) {
  Places places;
  if (!found.ipv6) places.push_back(10);
  if (transport != 0) places.push_back(transport);
  return places;
}

// Both ends written, between families if they are of another one.
Bytes translated(const Bytes& packet, const SlowPacket& found, const SlowEnd& source, const SlowEnd& target, Places& checksums) {
  SlowRewrite rewrite{packet, found, transport_checksum(found)};
  if ((source.address.family == Family::ipv6) == found.ipv6) {
    rewrite.put_end(source, false), rewrite.put_end(target, true), rewrite.take_hop();
    checksums = checksums_of(found, rewrite.checksum_at);
    return rewrite.packet;
  }
  Bytes before = bytes_of_address(found.source), after = bytes_of_address(source.address);
  const Bytes more_before = bytes_of_address(found.target), more_after = bytes_of_address(target.address);
  before.insert(before.end(), more_before.begin(), more_before.end()), after.insert(after.end(), more_after.begin(), more_after.end());
  put_word(rewrite.packet, rewrite.checksum_at, slow_patch(word(rewrite.packet, rewrite.checksum_at), before, after));
  rewrite.put(found.l4, {static_cast<std::uint8_t>(source.port / 256), static_cast<std::uint8_t>(source.port)}, false);
  rewrite.put(found.l4 + 2, {static_cast<std::uint8_t>(target.port / 256), static_cast<std::uint8_t>(target.port)}, false);
  SlowPacket becomes = found;
  becomes.ipv6 = !found.ipv6, becomes.l4 = becomes.ipv6 ? 40 : 20;
  checksums = checksums_of(becomes, transport_checksum(becomes));
  return slow_other_family(rewrite.packet, found, source.address, target.address);
}

}  // namespace

void Oracle::judge(PortId port, const Bytes& frame, const test::Outcome& outcome) { compare(rule(port, frame, outcome), frame, outcome); }

Oracle::Ruling Oracle::rule(PortId port, const Bytes& frame, const test::Outcome& outcome) {
  if (frame.size() < kLink || frame.size() > kLink + kMtu) return {Duty::forbidden};
  const unsigned type = word(frame, 12);
  if (type == 0x8100) return {};  // the tag's affair: scenarios tell it
  if (!is_mac(frame, port == PortId{0} ? test::kNode0 : test::kNode1) || (type != 0x0800 && type != 0x86dd)) return {Duty::forbidden};
  const View rest = View{frame}.subspan(kLink);
  if (is_slow_fragment(rest)) return {};
  const auto found = type == 0x0800 ? read_slow_ipv4(rest) : read_slow_ipv6(rest);
  if (!found || found->hops <= 1) return {Duty::forbidden};
  return rule_packet(part(rest, 0, found->end), *found, outcome);
}

Oracle::Ruling Oracle::rule_packet(const Bytes& packet, const SlowPacket& found, const test::Outcome& outcome) {
  if (found.is_icmp()) return rule_error(packet, found);
  if (const Served* service = served_at(found.target, found.target_port, found.protocol)) {
    if (!is_ordinary(found.source)) return {};
    return rule_request(packet, found, *service, outcome);
  }
  if (is_vip(found.target)) return {Duty::forbidden};
  if (is_pool(found.target)) {
    const Key* key = owner_of_port(found.target, found.target_port);
    if (key == nullptr) return {};
    const auto& [client, client_port, service] = *key;
    if (found.protocol != 6 || service->server.address != found.source || service->server.port != found.source_port)
      return {Duty::forbidden};
    return rule_reply(packet, found, *service, {client, client_port});
  }
  const Served* service = served_by(found.source, found.source_port, found.protocol);
  if (service == nullptr) return {Duty::forbidden};
  return rule_reply(packet, found, *service, {found.target, found.target_port});
}

Oracle::Ruling Oracle::rule_request(const Bytes& packet, const SlowPacket& found, const Served& service, const test::Outcome& outcome) {
  if (packet.size() + std::max<std::size_t>(service.outer_bytes(), service.changes_family() ? 20 : 0) > kMtu - 100)
    return {};  // near the MTU: scenarios tell it
  const Key key{found.source, found.source_port, &service};
  Ruling ruling{opens(found) || open_.contains(key) ? Duty::required : Duty::allowed, mac_of_server(service)};
  if (service.method == ForwardingMethod::full_nat) {
    const SlowEnd own = own_end(key, outcome);
    ruling.packet = translated(packet, found, own, {service.server.address, service.server.port}, ruling.checksums);
  } else if (service.method == ForwardingMethod::nat) {
    ruling.packet =
        translated(packet, found, {found.source, found.source_port}, {service.server.address, service.server.port}, ruling.checksums);
  } else {
    SlowRewrite rewrite{packet, found};
    rewrite.take_hop();
    ruling.packet = rewrite.packet, ruling.checksums = checksums_of(found, 0);
    if (is_tunnelled(service.method)) ruling.tunnelled = &service;
  }
  note(found, key);
  return ruling;
}

Oracle::Ruling Oracle::rule_reply(const Bytes& packet, const SlowPacket& found, const Served& service, const SlowEnd& client) {
  const auto next_hop = mac_to_client(client.address);
  const Key key{client.address, client.port, &service};
  if (!next_hop || packet.size() + 20 > kMtu) {
    note(found, key);
    return {};
  }
  Ruling ruling{open_.contains(key) ? Duty::required : Duty::allowed, *next_hop};
  ruling.packet = translated(packet, found, {service.listen.address, service.listen.port}, client, ruling.checksums);
  note(found, key);
  return ruling;
}

// After a reset or a FIN nothing is sure: the entry may close, and begin anew with another port of ours.
void Oracle::note(const SlowPacket& found, const Key& key) {
  if ((found.tcp_flags & (kFin | kRst)) != 0) open_.erase(key), ports_.erase(key);
  else if (opens(found) && served_at(found.target, found.target_port, found.protocol) != nullptr) open_.insert(key);
}

SlowEnd Oracle::own_end(const Key& key, const test::Outcome& outcome) {
  const IpAddress pool = pool_of(*std::get<2>(key));
  if (const auto known = ports_.find(key); known != ports_.end()) return {pool, known->second};
  if (outcome.sent.size() != 1 || outcome.sent[0].frame.size() < kLink) return {pool};
  const auto sent = read_slow(View{outcome.sent[0].frame}.subspan(kLink));
  if (!sent || !sent->is_transport() || sent->source != pool) return {pool};
  if (sent->source_port < 1024) complain_("a port of ours below 1024");
  if (owner_of_port(pool, sent->source_port) != nullptr) complain_("two connections have one port of ours");
  ports_[key] = sent->source_port;
  return {pool, sent->source_port};
}

const Oracle::Key* Oracle::owner_of_port(const IpAddress& pool, unsigned port) const {
  for (const auto& [key, taken] : ports_)
    if (taken == port && pool_of(*std::get<2>(key)) == pool) return &key;
  return nullptr;
}

void Oracle::compare(const Ruling& ruling, const Bytes& came, const test::Outcome& outcome) const {
  if (ruling.duty == Duty::free) return;
  std::vector<const test::Sent*> forwarded;
  for (const test::Sent& sent : outcome.sent)
    if (!is_answer(sent.frame)) forwarded.push_back(&sent);
  if (forwarded.empty() && ruling.duty != Duty::required) return;
  if (forwarded.empty() && outcome.held.empty())
    complain_("it must be forwarded: " + test::to_line(came) + "\nbut: " + outcome.lines().at(0));
  if (forwarded.empty()) return;
  if (ruling.duty == Duty::forbidden)
    complain_("it must not be forwarded: " + test::to_line(came) + "\nsent: " + test::to_line(forwarded[0]->frame));
  if (forwarded.size() != 1) complain_("one came and more were forwarded: " + test::to_line(came));
  compare_frame(ruling, came, *forwarded[0]);
}

void Oracle::compare_frame(const Ruling& ruling, const Bytes& came, const test::Sent& sent) const {
  const auto complain = [&](const std::string& what) {
    complain_(what + "\ncame: " + test::to_line(came) + "\nleft: " + test::to_line(sent.frame) + "\n" + test::to_hex(sent.frame) +
              "\nexpected behind the link:\n" + test::to_hex(ruling.packet));
  };
  const View frame{sent.frame};
  const std::size_t outer = ruling.tunnelled == nullptr ? 0 : ruling.tunnelled->outer_bytes(), begin = kLink + outer;
  if (!is_mac(frame, ruling.next_hop)) complain("to another next hop");
  if (frame.size() < begin + ruling.packet.size()) return complain("too short");
  if (ruling.tunnelled != nullptr) {
    const bool ipv6 = ruling.tunnelled->server.address.family == Family::ipv6;
    if (slow_address(frame.subspan(kLink + (ipv6 ? 24 : 16)), ipv6) != ruling.tunnelled->server.address)
      complain("its tunnel ends elsewhere");
    const unsigned length = ipv6 ? 40 + word(frame, kLink + 4) : word(frame, kLink + 2);
    if (length != outer + ruling.packet.size()) complain("its tunnel has another length");
    if (!ipv6 && slow_sum(frame.subspan(kLink, 20)) != 65535) complain("its tunnel has a wrong checksum");
  }
  Bytes left = part(frame, begin, begin + ruling.packet.size());
  for (const std::size_t place : ruling.checksums) {
    const unsigned is = word(left, place), must = word(ruling.packet, place);
    if (is % 65535 == must % 65535) put_word(left, place, must);
  }
  if (left != ruling.packet) complain("it left otherwise than it must");
}

}  // namespace tandem::fuzz
