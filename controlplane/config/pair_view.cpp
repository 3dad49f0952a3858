// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/pair_view.h"

#include <algorithm>
#include <set>

#include "controlplane/config/lan.h"

namespace tandem::config {
namespace {

const LanState* find_lan(const Network& network, Lan lan) {
  const auto at = std::ranges::find(network.lans, lan, &LanState::lan);
  return at == network.lans.end() ? nullptr : &*at;
}

MacAddress mac_of(const LanState* lan, const IpAddress& address) {
  if (lan == nullptr) return {};
  const auto at = std::ranges::find(lan->neighbours, address, &LanNeighbour::address);
  return at == lan->neighbours.end() ? MacAddress{} : at->mac;
}

// A group without any VRID is where its addresses are announced, as VIPs of no group are.
std::vector<GroupLan> places_of(const ResolvedGroup& group, const PairSurroundings& around) {
  if (!group.lans.empty()) return group.lans;
  std::set<Lan> lans;
  for (const IpAddress& address : group.addresses)
    for (const Lan& lan : announced_on(around.network, around.ports, address)) lans.insert(lan);
  std::vector<GroupLan> places(lans.size());
  std::ranges::transform(lans, places.begin(), [](const Lan& lan) { return GroupLan{lan, 0, false}; });
  return places;
}

std::set<Lan> lans_of(const Groups& groups, const PairSurroundings& around) {
  std::set<Lan> lans;
  for (const ResolvedGroup& group : groups.all())
    for (const GroupLan& each : places_of(group, around)) lans.insert(each.lan);
  for (std::size_t i = 0; i < around.ports.size(); ++i)
    for (const PeerAddress& peer : around.ports[i].peer_address) lans.insert({static_cast<PortId>(i), peer.vlan});
  return lans;
}

void set_own(PairView::Lan& view, const LanState* state) {
  if (state == nullptr) return;
  for (const Prefix& own : state->addresses) {
    const IpAddress& address = own.address;
    view.own.push_back(address);
    if (address.family == Family::ipv4 && !view.own4) view.own4 = address.v4();
    if (address.family == Family::ipv6 && (!view.own6 || (address.is_link_local() && !IpAddress{*view.own6}.is_link_local())))
      view.own6 = address.v6();
  }
}

void set_peer(PairView::Lan& view, const Port& port, const LanState* state) {
  for (const PeerAddress& peer : port.peer_address) {
    if (peer.vlan != view.vlan) continue;
    view.peer.push_back(peer.address);
    if (view.peer_mac.is_zero()) view.peer_mac = mac_of(state, peer.address);
  }
}

void set_witnesses(PairView::Lan& view, std::span<const NextHopKey> wanted) {
  for (const NextHopKey& hop : wanted)
    if (hop.lan == Lan{view.port, view.vlan} && std::ranges::find(view.peer, hop.address) == view.peer.end())
      view.witnesses.push_back(hop.address);
}

PairView::Lan lan_view(Lan lan, const PairSurroundings& around) {
  PairView::Lan view{.port = lan.port, .vlan = lan.vlan};
  const LanState* const state = find_lan(around.network, lan);
  const Port& port = around.ports[index(lan.port)];
  view.name = to_string(LanName{port.name, lan.vlan});
  set_own(view, state);
  set_peer(view, port, state);
  set_witnesses(view, around.wanted);
  if (index(lan.port) >= around.inputs.size()) return view;
  const PortInput& input = around.inputs[index(lan.port)];
  view.mac = input.mac, view.up = input.up, view.mtu_bytes = input.mtu_bytes;
  view.kernel_takes_answers = input.twin == TwinKind::steered;
  return view;
}

PairView::Group group_view(const ResolvedGroup& group, const std::string& node, const std::set<Lan>& lans, const PairSurroundings& around) {
  PairView::Group view{group.name, !node.empty() && group.prefer == node, {}};
  const std::vector<GroupLan> places = places_of(group, around);
  const std::vector<Lan> among = group.lan_list();
  for (const GroupLan& each : places) {
    const auto place = static_cast<std::size_t>(std::distance(lans.begin(), lans.find(each.lan)));
    view.lans.push_back({place, each.vrid, each.virtual_mac, {}});
  }
  const std::vector<IpAddress> others = answering_for_themselves(around.network, around.ports);
  for (const IpAddress& address : group.addresses) {
    if (std::ranges::binary_search(group.of_prefixes, address) && std::ranges::binary_search(others, address)) continue;
    const std::vector<Lan> on = announced_on(around.network, around.ports, address, among);
    for (std::size_t i = 0; i < places.size(); ++i)
      if (std::ranges::find(on, places[i].lan) != on.end()) view.lans[i].addresses.push_back(address);
  }
  return view;
}

}  // namespace

PairConfig pair_config(const Config& config) { return {config.node.name, config.pair_hash, config.ha.value_or(Ha{}), config.sync}; }

PairView pair_view(const PairConfig& config, const Groups& groups, const PairSurroundings& around) {
  PairView view{.node = config.node, .ha = config.ha, .pair_hash = config.pair_hash, .sync = config.sync};
  const std::set<Lan> lans = lans_of(groups, around);
  view.lans.reserve(lans.size()), view.groups.reserve(groups.all().size());
  for (const Lan& lan : lans) view.lans.push_back(lan_view(lan, around));
  for (const ResolvedGroup& group : groups.all()) view.groups.push_back(group_view(group, config.node, lans, around));
  return view;
}

std::vector<PeerOnLan> peers_on(const Port& config, PortId port, const Network& network) {
  std::vector<PeerOnLan> peers;
  for (const PeerAddress& peer : config.peer_address)
    peers.push_back({peer.address, peer.vlan, mac_of(find_lan(network, {port, peer.vlan}), peer.address)});
  return peers;
}

}  // namespace tandem::config
