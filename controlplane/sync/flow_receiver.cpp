// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/flow_receiver.h"

#include <utility>

namespace tandem::sync {

FlowReceiver::Taken FlowReceiver::take(std::uint64_t sequence, std::span<const std::uint8_t> payload, const Apply& apply, Instant now) {
  if (sequence <= newest_) return ++counts_.late, Taken::late;
  retry(apply, now);
  if (waiting_.size() >= kWaitingMost) return ++counts_.busy, Taken::busy;
  newest_ = sequence;
  ++counts_.datagrams;
  RecordReader reader{payload, now};
  for (SyncRecord record; reader.next(record);) {
    ++counts_.records;
    if (record.operation == Operation::bulk_end) continue;
    if (!waiting_.empty() || !apply(record)) waiting_.push_back(record), ++waited_;  // behind one that waits everything waits: order is all
  }
  unnamed_.push_back({sequence, waited_});
  name_what_was_handed_on(now);
  counts_.passed_by += reader.passed_by();
  if (!reader.is_broken()) return Taken::yes;
  ++counts_.broken;
  return Taken::broken;
}

void FlowReceiver::retry(const Apply& apply, Instant now) {
  if (waiting_.empty()) return;
  for (; !waiting_.empty() && apply(waiting_.front()); ++handed_on_) waiting_.pop_front();
  name_what_was_handed_on(now);
}

void FlowReceiver::name_what_was_handed_on(Instant now) {
  for (; !unnamed_.empty() && unnamed_.front().last_record <= handed_on_; unnamed_.pop_front()) name(unnamed_.front().sequence, now);
}

void FlowReceiver::begin_anew(std::uint32_t epoch) {
  ack_.epoch = epoch;
  ack_.highest = ack_.before = newest_ = 0;
  due_.clear(), unnamed_.clear();
  named_ = 0, first_named_.reset();
}

void FlowReceiver::name(std::uint64_t sequence, Instant now) {
  const std::uint64_t ahead = sequence - ack_.highest;
  ack_.before = ahead >= 64 ? 0 : ack_.before << ahead;
  if (ack_.highest != 0 && ahead <= 64) ack_.before |= std::uint64_t{1} << (ahead - 1);
  ack_.highest = sequence;
  if (!first_named_) first_named_ = now;
  if (++named_ < kAckAfter) return;
  if (due_.size() == kDueMost) due_.pop_front();  // nobody asks: there is no way back to the sender
  due_.push_back(ack_);
  named_ = 0, first_named_.reset();
}

std::optional<Ack> FlowReceiver::due_ack(Instant now) {
  const bool still_here = due_.empty() && !unnamed_.empty() && now - said_ >= kStillHere;
  if (still_here || (first_named_ && now - *first_named_ >= kAckEvery)) {
    due_.push_back(ack_);
    named_ = 0, first_named_.reset();
  }
  if (due_.empty()) return std::nullopt;
  const Ack oldest = due_.front();
  due_.pop_front();
  said_ = now;
  return oldest;
}

}  // namespace tandem::sync
