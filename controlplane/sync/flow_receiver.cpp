// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/flow_receiver.h"

namespace tandem::sync {

FlowReceiver::Taken FlowReceiver::take(std::uint64_t sequence, std::span<const std::uint8_t> payload, const Apply& apply, Instant now) {
  if (sequence <= ack_.highest) return ++counts_.late, Taken::late;
  retry(apply);
  if (!waiting_.empty()) return ++counts_.busy, Taken::busy;
  note(sequence, now);
  ++counts_.datagrams;
  RecordReader reader{payload, now};
  for (SyncRecord record; reader.next(record);) {
    ++counts_.records;
    if (record.operation == Operation::bulk_end) continue;
    if (!waiting_.empty() || !apply(record)) waiting_.push_back(record);  // behind one that waits everything waits: order is all
  }
  counts_.passed_by += reader.passed_by();
  if (!reader.is_broken()) return Taken::yes;
  ++counts_.broken;
  return Taken::broken;
}

void FlowReceiver::retry(const Apply& apply) {
  while (!waiting_.empty() && apply(waiting_.front())) waiting_.pop_front();
}

void FlowReceiver::begin_anew(std::uint32_t epoch) {
  ack_.epoch = epoch;
  ack_.highest = ack_.before = 0;
  unnamed_ = 0, first_unnamed_.reset();
}

void FlowReceiver::note(std::uint64_t sequence, Instant now) {
  const std::uint64_t ahead = sequence - ack_.highest;
  ack_.before = ahead > 64 ? 0 : ahead == 64 ? 0 : ack_.before << ahead;
  if (ack_.highest != 0 && ahead <= 64) ack_.before |= std::uint64_t{1} << (ahead - 1);
  ack_.highest = sequence;
  ++unnamed_;
  if (!first_unnamed_) first_unnamed_ = now;
}

std::optional<Ack> FlowReceiver::due_ack(Instant now) {
  if (!first_unnamed_ || (unnamed_ < kAckAfter && now - *first_unnamed_ < kAckEvery)) return std::nullopt;
  unnamed_ = 0, first_unnamed_.reset();
  return ack_;
}

}  // namespace tandem::sync
