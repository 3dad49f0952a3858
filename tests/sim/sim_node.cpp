// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_node.h"

#include <random>

namespace tandem::sim {
namespace {

IpAddress ip(unsigned lan, unsigned host) { return Ipv4Address{Be32{0x0a000000U + (lan << 8) + host}}; }
MacAddress mac(std::size_t node, std::size_t lan) {
  return {{2, 0, 0, 0, static_cast<std::uint8_t>(node), static_cast<std::uint8_t>(lan)}};
}

sync::PairKeys keys() {
  std::mt19937_64 fixed{7};
  return sync::make_keys([&](std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(fixed());
  });
}

}  // namespace

pair::View SimNode::view(std::size_t number) {
  pair::View view;
  view.interval = 50ms;
  config::PairView& pair = view.pair;
  pair.node = number == 0 ? "lb-a" : "lb-b", pair.pair_hash = "same", pair.ha.start_delay = 2s;
  pair.sync = config::Sync{ip(9, static_cast<unsigned>(number) + 1), ip(9, 2 - static_cast<unsigned>(number)), 18264, "key"};
  for (unsigned lan = 0; lan < kLans; ++lan) {
    const IpAddress own = ip(lan, static_cast<unsigned>(number) + 1), other = ip(lan, 2 - static_cast<unsigned>(number));
    config::PairView::Lan each;
    each.port = static_cast<PortId>(lan), each.name = lan == 0 ? "outside" : "inside";
    each.mac = mac(number, lan), each.own4 = own.v4(), each.own = {own}, each.peer = {other}, each.peer_mac = mac(1 - number, lan);
    each.witnesses = {ip(lan, 99)}, each.up = true;
    pair.lans.push_back(std::move(each));
  }
  for (unsigned g = 0; g < kGroups; ++g) {
    config::PairView::Group group{g == 0 ? "blue" : "green", number == g, {}};
    for (unsigned lan = 0; lan < kLans; ++lan)
      group.lans.push_back({lan, static_cast<std::uint8_t>(10 * g + lan + 1), true, {ip(lan, 200 + g)}});
    pair.groups.push_back(std::move(group));
  }
  return view;
}

void SimNode::boot(std::uint64_t boot_id, std::uint64_t chance_seed, Instant now) {
  auto engine = std::make_shared<std::mt19937_64>(chance_seed);
  const auto chance = [engine](std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((*engine)());
  };
  crash();
  flows_.forget(chance_seed >> 17);
  half_ = std::make_unique<pair::Half>(
      *this, pair::Identity{number_ == 0 ? "lb-a" : "lb-b", boot_id, 1000, keys(), chance, {}, true, terms_}, view(number_), now);
}

// As tandemd does: what waited is heard before time is looked at.
void SimNode::thaw() {
  frozen_ = false;
  for (Waiting& one : waiting_) hear(one);
  waiting_.clear();
}

void SimNode::hear(Waiting& one) {
  if (!half_) return;
  if (one.path == ha::kSyncPath) half_->receive_sync(one.bytes, one.arrived);
  else half_->receive_frame(static_cast<PortId>(one.path - 1), one.bytes, one.arrived);
}

void SimNode::arrive(std::size_t path, std::vector<std::uint8_t> bytes, Instant now) {
  if (!half_ || (path != ha::kSyncPath && !link[path - 1])) return;
  Waiting one{path, std::move(bytes), now};
  if (frozen_) {
    if (waiting_.size() < 256) waiting_.push_back(std::move(one));
    return;
  }
  hear(one);
}

void SimNode::tick(Instant now) {
  if (runs()) half_->tick(now);
}

bool SimNode::send(WorkerId, PortId port, pair::Bytes frame, Instant) {
  if (stalled) return false;
  if (!link[index(port)]) return true;
  send_(index(port) + 1, {frame.begin(), frame.end()});
  return true;
}

void SimNode::send_sync(pair::Bytes datagram) { send_(ha::kSyncPath, {datagram.begin(), datagram.end()}); }

pair::Facts SimNode::facts(Instant now, Nanoseconds) {
  pair::Facts facts;
  facts.ready = true, facts.stalled_workers = stalled ? 1 : 0;
  for (std::size_t lan = 0; lan < kLans; ++lan)
    facts.ports.push_back({link[lan], witness[lan] && link[lan] ? std::optional{now} : std::nullopt});
  return facts;
}

}  // namespace tandem::sim
