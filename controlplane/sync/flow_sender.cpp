// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/flow_sender.h"

#include <algorithm>
#include <utility>

namespace tandem::sync {
namespace {

// What the worker cannot be asked for again.
bool by_value(const SyncRecord& record) {
  return record.operation == Operation::remove || record.operation == Operation::bulk_end || record.operation == Operation::ask;
}

}  // namespace

std::vector<SyncRecord> FlowSender::empty_list() {
  if (spare_.empty()) return {};
  std::vector<SyncRecord> out = std::move(spare_.back());
  spare_.pop_back();
  out.clear();
  return out;
}

std::vector<SyncRecord> FlowSender::gather(const Take& take) {
  std::vector<SyncRecord> out = empty_list();
  for (; !again_.empty() && out.size() < kRecordsAtMost; again_.pop_front()) out.push_back(again_.front());
  const std::size_t repeated = out.size();
  out.resize(kRecordsAtMost);
  out.resize(repeated + take(std::span{out}.subspan(repeated)));
  return out;
}

// IPv6 records are twice as long: `fitted` is how many there was room for.
std::uint64_t FlowSender::lay_out(std::span<const SyncRecord> records, const Send& send, std::size_t& fitted, Instant now) {
  RecordWriter writer{payload_, now};
  for (fitted = 0; fitted < records.size() && writer.add(records[fitted]);) ++fitted;
  ++counts_.datagrams, counts_.records += fitted;
  return send(std::span{payload_}.first(writer.bytes()), writer.count());
}

void FlowSender::pump(const Take& take, const Send& send, Instant now) {
  while (under_way_.size() < window()) {
    std::vector<SyncRecord> records = gather(take);
    if (records.empty()) return spare_.push_back(std::move(records));
    for (std::size_t fitted = 0; !records.empty();) {
      const std::uint64_t sequence = lay_out(records, send, fitted, now);
      std::vector<SyncRecord> rest = empty_list();
      rest.assign(records.begin() + static_cast<std::ptrdiff_t>(fitted), records.end());
      records.resize(fitted);
      under_way_.push_back({sequence, now, std::exchange(records, std::move(rest))});
    }
    spare_.push_back(std::move(records));
  }
}

void FlowSender::settle(UnderWay& one, bool arrived, const Refresh& refresh) {
  for (const SyncRecord& record : one.records) {
    if (arrived) {
      if (record.operation == Operation::bulk_end) bulk_done_ = true;
    } else if (by_value(record)) {
      again_.push_back(record);
    } else {
      refresh(record);
    }
  }
  if (!arrived) ++counts_.lost_datagrams, counts_.lost_records += one.records.size();
  spare_.push_back(std::move(one.records));
}

void FlowSender::acknowledge(const Ack& ack, const Refresh& refresh, Instant now) {
  acknowledged_ = now;
  for (; !under_way_.empty() && under_way_.front().sequence <= ack.highest; under_way_.pop_front()) {
    const bool arrived = ack.has(under_way_.front().sequence);
    if (arrived) patience_ = kPatience;
    settle(under_way_.front(), arrived, refresh);
  }
}

// The other may be slow to take what it has, and names it then: only where nothing is named any more, nothing arrives.
void FlowSender::lose_overdue(const Refresh& refresh, Instant now) {
  if (now - acknowledged_ < patience_ || under_way_.empty() || now - under_way_.front().sent < patience_) return;
  while (!under_way_.empty() && now - under_way_.front().sent >= patience_) {
    settle(under_way_.front(), false, refresh);
    under_way_.pop_front();
  }
  patience_ = std::min<Nanoseconds>(2 * patience_, kPatienceMost);
}

void FlowSender::lose_all(const Refresh& refresh) {
  for (UnderWay& one : under_way_) settle(one, false, refresh);
  under_way_.clear();
  patience_ = kPatience;
}

void FlowSender::forget() { under_way_.clear(), again_.clear(), bulk_done_ = false, patience_ = kPatience; }

std::size_t FlowSender::records_under_way() const {
  std::size_t sum = again_.size();
  for (const UnderWay& one : under_way_) sum += one.records.size();
  return sum;
}

}  // namespace tandem::sync
