// SPDX-License-Identifier: Apache-2.0
// What leaves: every frame by a worker's own queue, each time another's, so that what is heard proves them all in turn.
#include <algorithm>

#include "controlplane/config/virtual_mac.h"
#include "controlplane/pair/half.h"

namespace tandem::pair {
namespace {

constexpr std::size_t kProbesAtOnce = 4;

const IpAddress* own_of(const config::PairView::Lan& lan, Family family) {
  const auto at = std::find_if(lan.own.begin(), lan.own.end(), [&](const IpAddress& own) { return own.family == family; });
  return at == lan.own.end() ? nullptr : &*at;
}

// RFC 9568 5.2.9: the first address of an IPv6 advertisement is the virtual router's link-local one. RFC 4291, appendix A.
Ipv6Address link_local(const MacAddress& mac) {
  const auto& m = mac.bytes;
  return {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(m[0] ^ 2), m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]}};
}

}  // namespace

bool Half::beat(PortId port, Bytes frame, Instant now) {
  const std::size_t workers = std::max<std::size_t>(around_.workers(), 1);
  return around_.send(static_cast<WorkerId>(turn_++ % workers), port, frame, now + view_.interval);
}

bool Half::peer_hears_us_on(std::size_t path) const {
  const ha::Hello& peer = *machine_.peer();
  if (path == ha::kSyncPath) return peer.hears_on_sync;
  const ha::LanReport* lan = peer.lan(ha::name_key(view_.pair.lans[path - 1].name));
  return lan != nullptr && lan->hears;
}

// The sync link; while that is silent, a LAN. The other must say that it hears us there, and had better be heard on it too: where each
// way works on other paths only, each node sends by the one on which it is heard.
std::optional<std::size_t> Half::way_to_peer(Instant now) const {
  if (!machine_.peer() || !machine_.peer_alive(now)) return std::nullopt;
  std::optional<std::size_t> one_way;
  for (std::size_t path = 0; path < paths_.size(); ++path) {
    if (!peer_hears_us_on(path)) continue;
    if (machine_.paths().alive(path, now, machine_.dead_time())) return path;
    if (!one_way) one_way = path;
  }
  return one_way;
}

void Half::pump_flows(std::optional<std::size_t> path, Instant now) {
  const std::optional<std::uint64_t> peer = path ? std::optional{session_->peer()->node.boot_id} : std::nullopt;
  const bool same_config = machine_.peer() && machine_.peer()->pair_digest == machine_.own().pair_digest;
  flows_->set_comparable(peer && session_->peer()->version >= sync::kComparesSince && same_config);
  flows_->pump(
      peer, session_->epoch(),
      [&](const sync::Label& label, Bytes payload) {
        const std::uint64_t sequence = send_sealed(*path, label, payload, now);
        if (sequence != 0) flow_bytes_ += payload.size() + sync::kSealBytes;
        return sequence;
      },
      now);
}

// A peer of the release before hears none: nothing is said to it, and nothing waits for it.
void Half::pump_words(std::optional<std::size_t> path, Instant now) {
  const sync::PeerFacts* facts = path ? session_->peer() : nullptr;
  const bool hears = facts != nullptr && (facts->node.capabilities & sync::kHearsWords) != 0;
  words_->pump(
      hears ? std::optional{facts->node.boot_id} : std::nullopt,
      [&](const sync::Label& label, Bytes payload) { return send_sealed(*path, label, payload, now); }, now);
  if (words_->take_new()) around_.peer_new();
}

std::uint64_t Half::send_sealed(std::size_t path, const sync::Label& label, Bytes payload, Instant now) {
  const std::size_t bytes = session_->seal(label, payload, scratch_);
  if (bytes == 0) return 0;
  const std::uint64_t sequence = sync::read_header(scratch_)->sequence.host();
  if (path == ha::kSyncPath) around_.send_sync(Bytes{scratch_}.first(bytes));
  else send_datagram(path, Bytes{scratch_}.first(bytes), now);
  return sequence;
}

void Half::send_handshake(Instant now) {
  for (const sync::Outgoing& message : session_->take_outgoing())
    for (std::size_t path = 0; path < paths_.size(); ++path) send_datagram(path, message.datagram, now);
}

void Half::send_hello(Instant now) {
  if (!session_ || !session_->established()) return;
  const std::vector<std::uint8_t> payload = ha::encode(machine_.own());
  for (std::size_t path = 0; path < paths_.size(); ++path) {
    const std::size_t bytes = session_->seal({sync::hello_stream(path), sync::Type::hello}, payload, scratch_);
    if (bytes != 0) send_datagram(path, Bytes{scratch_}.first(bytes), now);
  }
}

void Half::send_datagram(std::size_t path, Bytes datagram, Instant now) {
  if (path == ha::kSyncPath) {
    if (!view_.pair.sync || !view_.pair.sync->has_link()) return;
    ++paths_[path].stats.sent;
    return around_.send_sync(datagram);
  }
  const config::PairView::Lan& lan = view_.pair.lans[path - 1];
  if (lan.peer.empty()) return;
  const IpAddress* own = own_of(lan, lan.peer.front().family);
  const MacAddress mac = peer_mac(path - 1);
  const bool sent = own != nullptr && !mac.is_zero() &&
                    beat(lan.port, ha::udp_frame({lan.mac, mac, lan.vlan, *own, lan.peer.front()}, view_.pair.udp_port(), datagram), now);
  PathStats& stats = paths_[path].stats;
  ++(sent ? stats.sent : stats.not_sent);
}

// As the neighbours say; while they do not, where its last hello came from.
MacAddress Half::peer_mac(std::size_t lan) const {
  const MacAddress& known = view_.pair.lans[lan].peer_mac;
  return known.is_zero() ? lans_[lan].learned_mac : known;
}

MacAddress Half::mac_of(const config::PairView::GroupLan& on, Family family) const {
  return on.virtual_mac && on.vrid != 0 ? config::virtual_mac(family, on.vrid) : view_.pair.lans[on.lan].mac;
}

void Half::send_adverts(const ha::Orders::Vrrp& order, Instant now) {
  for (const auto& on : view_.pair.groups[index(order.group)].lans) {
    if (on.vrid == 0) continue;
    for (const Family family : {Family::ipv4, Family::ipv6}) send_advert(order.group, on, family, order.priority, now);
  }
}

void Half::send_advert(GroupId group, const config::PairView::GroupLan& on, Family family, std::uint8_t priority, Instant now) {
  const config::PairView::Lan& lan = view_.pair.lans[on.lan];
  ha::Advert advert{on.vrid, priority, machine_.vrrp_interval(), {}, lans_[on.lan].checksum_form};
  std::copy_if(on.addresses.begin(), on.addresses.end(), std::back_inserter(advert.addresses),
               [&](const IpAddress& address) { return address.family == family; });
  if (advert.addresses.empty()) return;
  const MacAddress mac = mac_of(on, family);
  if (family == Family::ipv6) advert.addresses.insert(advert.addresses.begin(), link_local(mac));
  // Who leaves may have been relieved already: a last word from the virtual MAC would draw the switch's table back to him.
  for (const ha::Addressing& way : advert_ways(on.lan, family, priority == ha::kPriorityLeaving ? lan.mac : mac))
    if (beat(lan.port, ha::vrrp_frame(way, ha::encode(advert, way.source, way.target)), now)) ++group_stats_[index(group)].adverts_sent;
}

// One to everybody, or one to each address of the peer.
std::vector<ha::Addressing> Half::advert_ways(std::size_t index, Family family, const MacAddress& mac) const {
  const config::PairView::Lan& lan = view_.pair.lans[index];
  std::vector<ha::Addressing> out;
  if (view_.pair.ha.vrrp == config::VrrpTo::multicast) {
    if (family == Family::ipv4 ? !lan.own4 : !lan.own6) return out;
    const IpAddress source = family == Family::ipv4 ? IpAddress{*lan.own4} : IpAddress{*lan.own6}, target = ha::vrrp_group(family);
    out.push_back({mac, ha::multicast_mac(target), lan.vlan, source, target});
    return out;
  }
  const IpAddress* own = own_of(lan, family);
  const MacAddress other = peer_mac(index);
  for (const IpAddress& peer : lan.peer)
    if (own != nullptr && peer.family == family && !other.is_zero()) out.push_back({mac, other, lan.vlan, *own, peer});
  return out;
}

void Half::announce(GroupId group, Instant now) {
  GroupStats& stats = group_stats_[index(group)];
  for (const auto& on : view_.pair.groups[index(group)].lans) {
    const config::PairView::Lan& lan = view_.pair.lans[on.lan];
    for (const IpAddress& address : on.addresses) {
      if (!beat(lan.port, ha::announcement(mac_of(on, address.family), address, lan.vlan), now)) continue;
      ++(address.family == Family::ipv4 ? stats.announced_arp : stats.announced_na);
    }
  }
}

namespace {

// As whom a witness is asked. Where answers to us are the kernel's, a question without a sender (RFC 5227 1.1) brings one that is
// not. Nothing of the kind is polite in IPv6, where it says that the address is about to be taken (RFC 4862 5.4.3).
std::optional<IpAddress> asks_as(const config::PairView::Lan& lan, Family family) {
  const IpAddress* own = own_of(lan, family);
  if (own == nullptr || (lan.kernel_takes_answers && family == Family::ipv6)) return std::nullopt;
  return lan.kernel_takes_answers ? IpAddress{Ipv4Address{}} : *own;
}

}  // namespace

// A few of those who should answer: not all of a large site at every interval.
void Half::probe(std::size_t index, Instant now) {
  const config::PairView::Lan& lan = view_.pair.lans[index];
  std::size_t asked = 0;
  for (const IpAddress& witness : lan.witnesses) {
    const std::optional<IpAddress> own = asks_as(lan, witness.family);
    if (!own) continue;
    beat(lan.port, ha::probe(lan.mac, *own, witness, lan.vlan), now);
    if (++asked == kProbesAtOnce) return;
  }
}

}  // namespace tandem::pair
