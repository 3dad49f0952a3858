// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_flows.h"

namespace tandem::sim {

const SyncRecord& SimFlows::open(Port port, GroupId group, std::uint16_t term, std::uint16_t backend) {
  SyncRecord record;
  record.protocol = Protocol::tcp, record.state = ConnState::established, record.group = group;
  record.client_port = port, record.backend_port = backend, record.term = term, record.incarnation = ++incarnations_;
  table_[port] = record;
  changes_.push_back(record);
  return table_[port];
}

void SimFlows::see(Port port, std::uint8_t seen) {
  SyncRecord& record = table_.at(port);
  if ((record.seen & seen) == seen) return;
  record.seen = static_cast<std::uint8_t>(record.seen | seen);
  changes_.push_back(record);
}

void SimFlows::close(Port port) {
  SyncRecord gone = table_.at(port);
  gone.operation = Operation::remove;
  table_.erase(port);
  changes_.push_back(gone);
}

const SyncRecord* SimFlows::find(Port port) const {
  const auto at = table_.find(port);
  return at == table_.end() ? nullptr : &at->second;
}

std::size_t SimFlows::take_changes(std::size_t, std::span<SyncRecord> out) {
  std::size_t count = 0;
  for (; count < out.size() && !changes_.empty(); changes_.pop_front()) out[count++] = changes_.front();
  return count;
}

// As learn_flow does: larger order replaces, equal merges, smaller is ignored; nothing that was learnt is told again.
bool SimFlows::apply(const SyncRecord& record) {
  const auto at = table_.find(record.client_port);
  const bool known = at != table_.end();
  if (record.operation == Operation::remove) {
    if (known && at->second.order() <= record.order()) table_.erase(at);
  } else if (!known || at->second.order() < record.order()) {
    SyncRecord learnt = record;
    learnt.operation = Operation::put, learnt.group = known ? at->second.group : record.group;
    table_[record.client_port] = learnt;
  } else if (at->second.order() == record.order()) {
    at->second.seen = static_cast<std::uint8_t>(at->second.seen | record.seen);
  }
  return true;
}

void SimFlows::request_bulk(std::size_t) {
  for (const auto& [port, record] : table_) changes_.push_back(record);
  SyncRecord end;
  end.operation = Operation::bulk_end;
  changes_.push_back(end);
}

bool SimFlows::request_refresh(std::size_t, const SyncRecord& record) {
  const SyncRecord* now = find(record.client_port);
  if (now != nullptr && now->order() == record.order()) changes_.push_back(*now);
  return true;
}

}  // namespace tandem::sim
