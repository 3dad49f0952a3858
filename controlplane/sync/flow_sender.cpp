// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/flow_sender.h"

#include <algorithm>
#include <array>
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
  while (!again_.empty() && out.size() < kRecordsAtMost) out.push_back(again_.front()), again_.pop_front();
  std::array<SyncRecord, kRecordsAtMost> fresh;
  const std::size_t count = take(std::span{fresh}.first(kRecordsAtMost - out.size()));
  out.insert(out.end(), fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(count));
  return out;
}

void FlowSender::pump(const Take& take, const Send& send, Instant now) {
  while (under_way_.size() < kWindow) {
    std::vector<SyncRecord> records = gather(take);
    if (records.empty()) return spare_.push_back(std::move(records));
    // IPv6 records are twice as long: what has no room goes with the next.
    while (!records.empty()) {
      RecordWriter writer{payload_, now};
      std::size_t fitted = 0;
      while (fitted < records.size() && writer.add(records[fitted])) ++fitted;
      const std::uint64_t sequence = send(std::span{payload_}.first(writer.bytes()), writer.count());
      counts_.datagrams += 1, counts_.records += fitted;
      UnderWay one{sequence, now, empty_list()};
      one.records.assign(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(fitted));
      under_way_.push_back(std::move(one));
      records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(fitted));
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

void FlowSender::acknowledge(const Ack& ack, const Refresh& refresh) {
  while (!under_way_.empty() && under_way_.front().sequence <= ack.highest) {
    settle(under_way_.front(), ack.has(under_way_.front().sequence), refresh);
    under_way_.pop_front();
  }
}

void FlowSender::lose_overdue(const Refresh& refresh, Instant now) {
  while (!under_way_.empty() && now - under_way_.front().sent >= kPatience) {
    settle(under_way_.front(), false, refresh);
    under_way_.pop_front();
  }
}

void FlowSender::lose_all(const Refresh& refresh) {
  for (UnderWay& one : under_way_) settle(one, false, refresh);
  under_way_.clear();
}

void FlowSender::forget() { under_way_.clear(), again_.clear(), bulk_done_ = false; }

std::size_t FlowSender::records_under_way() const {
  std::size_t sum = again_.size();
  for (const UnderWay& one : under_way_) sum += one.records.size();
  return sum;
}

}  // namespace tandem::sync
