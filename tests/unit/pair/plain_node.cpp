// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/pair/plain_node.h"

#include <random>

namespace tandem::pair {
namespace {

IpAddress ip(std::size_t lan, std::size_t host) { return Ipv4Address{Be32{static_cast<std::uint32_t>(0x0a000000 + (lan << 8) + host)}}; }
MacAddress mac(std::size_t node, std::size_t lan) {
  return {{2, 0, 0, 0, static_cast<std::uint8_t>(node), static_cast<std::uint8_t>(lan)}};
}

sync::Chance chance(std::uint64_t seed) {
  return [random = std::mt19937_64{seed}](std::span<std::uint8_t> into) mutable {
    for (std::uint8_t& byte : into) byte = static_cast<std::uint8_t>(random());
  };
}

config::PairView::Lan lan_of(std::size_t node, std::size_t lan) {
  config::PairView::Lan out;
  const IpAddress own = ip(lan, node + 1);
  out.port = static_cast<PortId>(lan), out.name = lan == 0 ? "outside" : "inside", out.up = true;
  out.mac = mac(node, lan), out.peer_mac = mac(1 - node, lan), out.own4 = own.v4(), out.own = {own}, out.peer = {ip(lan, 2 - node)};
  return out;
}

View view_of(std::size_t node) {
  View view;
  view.interval = 50ms;
  view.pair.node = node == 0 ? "lb-a" : "lb-b", view.pair.pair_hash = "same", view.pair.ha.start_delay = 2s;
  view.pair.sync = config::Sync{ip(9, node + 1), ip(9, 2 - node), 18264, "key"};
  for (std::size_t lan = 0; lan < kLans; ++lan) view.pair.lans.push_back(lan_of(node, lan));
  for (std::size_t g = 0; g < kGroups; ++g) {
    config::PairView::Group group{g == 0 ? "blue" : "green", node == g, {}};
    for (std::uint32_t lan = 0; lan < kLans; ++lan)
      group.lans.push_back({lan, static_cast<std::uint8_t>(10 * g + lan + 1), true, {ip(lan, 200 + g)}});
    view.pair.groups.push_back(std::move(group));
  }
  return view;
}

}  // namespace

void PlainFlows::open(Port port, std::uint16_t term) {
  SyncRecord record;
  record.protocol = Protocol::tcp, record.state = ConnState::established;
  record.client_port = port, record.term = term, record.incarnation = ++incarnations_;
  table_[port] = record;
  changes_.push_back(record);
}

void PlainFlows::close(Port port) {
  SyncRecord gone = table_.at(port);
  gone.operation = Operation::remove;
  table_.erase(port);
  changes_.push_back(gone);
}

std::size_t PlainFlows::take_changes(WorkerId, std::span<SyncRecord> out) {
  std::size_t count = 0;
  for (; count < out.size() && !changes_.empty(); changes_.pop_front()) out[count++] = changes_.front();
  return count;
}

bool PlainFlows::apply(const SyncRecord& record) {
  if (record.operation == Operation::remove) table_.erase(record.client_port);
  else table_[record.client_port] = record;
  return true;
}

void PlainFlows::request_bulk(WorkerId) {
  for (const auto& [port, record] : table_) changes_.push_back(record);
  SyncRecord end;
  end.operation = Operation::bulk_end;
  changes_.push_back(end);
}

bool PlainFlows::request_refresh(WorkerId, const SyncRecord& record) {
  const auto at = table_.find(record.client_port);
  if (at != table_.end()) changes_.push_back(at->second);
  return true;
}

void PlainNode::boot(std::uint64_t boot_id, Instant now) {
  half_.reset();
  table = std::make_unique<PlainFlows>();
  Identity self;
  self.name = number_ == 0 ? "lb-a" : "lb-b", self.boot = boot_id, self.capacity = 1000;
  self.keys = sync::make_keys(chance(7)), self.chance = chance(boot_id);
  half_ = std::make_unique<Half>(*this, std::move(self), view_of(number_), now);
}

void PlainNode::arrive(std::size_t path, std::vector<std::uint8_t> bytes, Instant now) {
  if (path == ha::kSyncPath) half_->receive_sync(bytes, now);
  else half_->receive_frame(static_cast<PortId>(path - 1), bytes, now);
}

Facts PlainNode::facts(Instant now, Nanoseconds) {
  Facts facts;
  facts.ready = true;
  facts.ports.assign(kLans, {true, now});
  return facts;
}

}  // namespace tandem::pair
