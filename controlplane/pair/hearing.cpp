// SPDX-License-Identifier: Apache-2.0
// What arrives: VRRP and datagrams of the peer, by any path. Nothing is trusted that was not checked.
#include <algorithm>

#include <fmt/format.h>

#include "controlplane/pair/half.h"

namespace tandem::pair {
namespace {

constexpr std::chrono::seconds kStrangerAgain{10}, kSettled{2}, kForeign{2};

}  // namespace

std::optional<std::size_t> Half::lan_of(PortId port, std::uint16_t vlan) const {
  const auto& lans = view_.pair.lans;
  const auto at = std::find_if(lans.begin(), lans.end(), [&](const auto& lan) { return lan.port == port && lan.vlan == vlan; });
  if (at == lans.end()) return std::nullopt;
  return static_cast<std::size_t>(at - lans.begin());
}

// VRRP over IPv6 comes from a link-local address, which no configuration names: it is believed to be the peer's while the peer
// serves the group, or did a moment ago.
bool Half::is_peer(std::size_t lan, GroupId group, const IpAddress& address, Instant now) const {
  const auto& peers = view_.pair.lans[lan].peer;
  if (std::find(peers.begin(), peers.end(), address) != peers.end()) return true;
  const ha::Group& own = machine_.group(group);
  return address.is_link_local() && (!ha::serves(own.role()) || now - own.since() < kSettled);
}

void Half::receive_frame(PortId port, Bytes frame, Instant received) {
  ha::ReceivedPacket packet;
  if (!ha::read_frame(frame, packet)) return;
  const std::optional<std::size_t> lan = lan_of(port, packet.vlan);
  if (!lan) return;
  if (packet.protocol == ha::kVrrpProtocol) return hear_vrrp(*lan, packet, received);
  if (!session_ || packet.target_port != view_.pair.udp_port() || packet.payload.size() > scratch_.size()) return;
  std::copy(packet.payload.begin(), packet.payload.end(), scratch_.begin());
  const std::uint64_t before = paths_[ha::path_of_lan(*lan)].stats.received;
  hear_datagram(ha::path_of_lan(*lan), std::span{scratch_}.first(packet.payload.size()), received);
  if (paths_[ha::path_of_lan(*lan)].stats.received != before) lans_[*lan].learned_mac = packet.source_mac;
}

void Half::receive_sync(std::span<std::uint8_t> datagram, Instant received) {
  if (session_) hear_datagram(ha::kSyncPath, datagram, received);
}

void Half::hear_datagram(std::size_t path, std::span<std::uint8_t> datagram, Instant received) {
  const sync::Opened opened = session_->open(datagram, received);
  if (opened.reject == sync::Reject::other_cluster) foreign_until_ = received + kForeign;
  if (opened.reject != sync::Reject::none) return void(++paths_[path].stats.rejected[std::string{to_string(opened.reject)}]);
  if (!opened.for_caller()) return;
  if (opened.type == sync::Type::word || opened.type == sync::Type::word_ack) return hear_word(opened);
  if (opened.type != sync::Type::hello) {
    flow_bytes_heard_ += datagram.size();
    return flows_ ? flows_->hear(opened, received) : void();
  }
  if (opened.stream != sync::hello_stream(path)) return;
  const std::optional<ha::Hello> hello = ha::decode_hello(opened.payload);
  if (!hello) return void(++paths_[path].stats.rejected["malformed"]);
  paths_[path].stats.heard(received);
  last_heard_ = received;
  machine_.hear_hello(path, *hello, received);
}

// Nothing is taken while nobody has room for it: not acknowledged, it will be said again.
void Half::hear_word(const sync::Opened& opened) {
  if (opened.type == sync::Type::word && !around_.has_room_to_hear()) return;
  words_->hear(opened, [this](sync::Word kind, std::string text) { around_.heard(kind, std::move(text)); });
}

void Half::hear_vrrp(std::size_t lan, const ha::ReceivedPacket& packet, Instant received) {
  ha::AdvertFault fault{};
  const std::optional<ha::Advert> advert = ha::decode_advert(packet.payload, packet.source, packet.target, fault);
  if (!advert) return void(++paths_[ha::path_of_lan(lan)].stats.rejected["vrrp_" + std::string{name_of(fault)}]);
  for (const ha::Group& each : machine_.groups()) {
    const GroupId group = each.id();
    const auto& on = view_.pair.groups[index(group)].lans;
    for (std::size_t place = 0; place < on.size(); ++place) {
      if (on[place].lan != lan || on[place].vrid != advert->vrid) continue;
      const bool from_peer = is_peer(lan, group, packet.source, received);
      ++group_stats_[index(group)].adverts_received;
      lans_[lan].checksum_form = advert->form;
      if (machine_.hear_advert(group, place, *advert, packet.source, from_peer, received))
        note_stranger(group, lan, packet.source, received);
    }
  }
}

void Half::note_stranger(GroupId group, std::size_t lan, const IpAddress& from, Instant now) {
  ++group_stats_[index(group)].strangers;
  if (stranger_told_ && now - *stranger_told_ < kStrangerAgain) return;
  stranger_told_ = now;
  around_.notice(
      {Notice::Kind::stranger, true, false, "group " + view_.pair.groups[index(group)].name,
       fmt::format("{} on {} claims it by VRRP and is not the peer: not obeyed; find that machine, or give the group another vrid",
                   to_string(from), view_.pair.lans[lan].name)});
}

}  // namespace tandem::pair
