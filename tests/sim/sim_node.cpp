// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_node.h"

#include <algorithm>
#include <random>

namespace tandem::sim {
namespace {

bool is_tcp(const test::Bytes& frame) { return frame[12] == 8 && frame[13] == 0 && frame[23] == 6; }

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
  pair.sync = config::Sync{site_address(9, number + 1), site_address(9, 2 - number), kPairPort, "key"};
  for (unsigned lan = 0; lan < kLans; ++lan) {
    const IpAddress own = site_address(lan, number + 1), other = site_address(lan, 2 - number);
    config::PairView::Lan each;
    each.port = static_cast<PortId>(lan), each.name = lan == 0 ? "outside" : "inside";
    each.mac = node_mac(number, lan), each.own4 = own.v4(), each.own = {own}, each.peer = {other},
    each.peer_mac = node_mac(1 - number, lan);
    each.witnesses = {site_address(lan, 99)}, each.up = true;
    pair.lans.push_back(std::move(each));
  }
  for (unsigned g = 0; g < kGroups; ++g) {
    config::PairView::Group group{g == 0 ? "blue" : "green", number == g, {}};
    for (unsigned lan = 0; lan < kLans; ++lan)
      group.lans.push_back({lan, static_cast<std::uint8_t>(10 * g + lan + 1), true, {site_address(lan, 200 + g)}});
    pair.groups.push_back(std::move(group));
  }
  return view;
}

// Sums are not compared: what is told must do by itself.
void SimNode::boot(std::uint64_t boot_id, std::uint64_t chance_seed, std::size_t workers, Instant now) {
  auto engine = std::make_shared<std::mt19937_64>(chance_seed);
  const auto chance = [engine](std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((*engine)());
  };
  crash();
  workers_ = std::make_unique<SimWorkers>(number_, workers, chance_seed >> 17, now,
                                          [this](std::size_t lan, test::Bytes frame) { left(lan, std::move(frame)); });
  half_ = std::make_unique<pair::Half>(
      *this, pair::Identity{number_ == 0 ? "lb-a" : "lb-b", boot_id, 1000, keys(), chance, {}, true, false, terms_}, view(number_), now);
}

void SimNode::crash() {
  half_.reset(), workers_.reset();
  frozen_ = false, roles_ = {};
  waiting_.clear(), deadlines_.clear();
}

// As tandemd does: what waited is heard before time is looked at.
void SimNode::thaw([[maybe_unused]] Instant now) {
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

// What the half asks for leaves at once; what it asked for while the workers stood still, when they move again.
void SimNode::tick(Instant now) {
  if (!runs()) return;
  now_ = now;
  if (!stalled) workers_->turn(now);
  half_->tick(now);
  if (!stalled) workers_->turn(now);
}

SimNode::Fate SimNode::forward(const test::Bytes& frame, Instant now) {
  now_ = now, fate_ = {};
  workers_->receive(0, frame);
  workers_->turn(now);
  return std::move(fate_);
}

bool SimNode::send(WorkerId by, PortId port, pair::Bytes frame, Instant deadline) {
  deadlines_[std::string{frame.begin(), frame.end()}] = deadline;
  return workers_->beat(by, port, frame, deadline);
}

// A frame of a worker: the pair's own, or a client's on its way to a server or to the other node.
void SimNode::left(std::size_t lan, test::Bytes frame) {
  MacAddress target;
  std::copy_n(frame.begin(), target.bytes.size(), target.bytes.begin());
  if (is_tcp(frame)) {
    if (const std::size_t server = server_of(target); server != kServers) fate_.server = server;
    else fate_.handed = std::move(frame);
    return;
  }
  const auto beat = deadlines_.find(std::string{frame.begin(), frame.end()});
  if (beat != deadlines_.end() && now_ > beat->second) ++late_beats_;
  if (beat != deadlines_.end()) deadlines_.erase(beat);
  if (link[lan]) send_(lan + 1, std::move(frame));
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
