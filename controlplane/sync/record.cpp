// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/record.h"

#include <cstddef>
#include <cstring>

#include "controlplane/sync/record_layout.h"

namespace tandem::sync {
namespace {

struct RunHead {
  std::uint8_t type = 0, length = 0, count = 0, spare = 0;
};
static_assert(sizeof(RunHead) == 4);

}  // namespace

bool RecordWriter::add(const SyncRecord& record) {
  const WireRecord wire = lay_out(record, now_);
  return append(wire.type, wire.view());
}

bool RecordWriter::append(std::uint8_t type, Bytes record) {
  const bool opens = open_type_ != type || open_length_ != record.size();
  if (count_ == 255 || used_ + record.size() + (opens ? sizeof(RunHead) : 0) > room_.size()) return false;
  if (opens) {
    const RunHead head{type, static_cast<std::uint8_t>(record.size()), 0, 0};
    std::memcpy(room_.data() + used_, &head, sizeof head);
    run_ = used_, open_type_ = type, open_length_ = static_cast<std::uint8_t>(record.size()), used_ += sizeof head;
  }
  std::memcpy(room_.data() + used_, record.data(), record.size());
  used_ += record.size(), ++count_;
  ++room_[run_ + offsetof(RunHead, count)];
  return true;
}

bool RecordReader::next_run() {
  if (left_.empty()) return false;
  RunHead head;
  broken_ = left_.size() < sizeof head;
  if (broken_) return false;
  std::memcpy(&head, left_.data(), sizeof head);
  left_ = left_.subspan(sizeof head);
  type_ = head.type, length_ = head.length, in_run_ = head.count;
  broken_ = std::size_t{length_} * in_run_ > left_.size();
  return !broken_;
}

bool RecordReader::next(SyncRecord& record) {
  for (;;) {
    while (in_run_ == 0)
      if (broken_ || !next_run()) return false;
    const Bytes bytes = left_.first(length_);
    left_ = left_.subspan(length_), --in_run_;
    if (take_apart(type_, bytes, record, now_)) return true;
    ++passed_by_;
  }
}

}  // namespace tandem::sync
