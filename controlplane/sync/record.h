// SPDX-License-Identifier: Apache-2.0
// Connections as they are told from node to node (dataplane/conn/sync_record.h): 40 bytes when all addresses are IPv4 (44 while a
// backend is still to be told its client's address), else 80.
//
// On the wire records come in runs: four bytes with type, length and count, then so many records of that length. A reader takes
// of a longer record what it knows, and passes by a type it does not know, so that either node may be upgraded first.
// 35 IPv4 records fit a datagram of 1500 bytes. Threads: any. No allocation.
#pragma once

#include <cstdint>
#include <span>

#include "common/base/clock.h"
#include "controlplane/sync/kdf.h"
#include "dataplane/conn/sync_record.h"

namespace tandem::sync {

using tandem::Operation, tandem::SyncRecord, tandem::kLastIncarnation;

// Fills a payload from its front.
class RecordWriter {
 public:
  explicit RecordWriter(std::span<std::uint8_t> room, Instant now = {}) : room_{room}, now_{now} {}

  bool add(const SyncRecord& record);  // false: no room for it, or 255 are in it
  std::size_t bytes() const { return used_; }
  std::uint8_t count() const { return count_; }

 private:
  bool append(std::uint8_t type, Bytes record);

  std::span<std::uint8_t> room_;
  Instant now_;
  std::size_t used_ = 0, run_ = 0;  // run_: where the open run's head stands
  std::uint8_t count_ = 0, open_type_ = 0, open_length_ = 0;
};

// Takes them one after the other; what cannot be understood is passed by and counted.
class RecordReader {
 public:
  explicit RecordReader(Bytes payload, Instant now = {}) : left_{payload}, now_{now} {}

  bool next(SyncRecord& record);  // false: there is none any more
  std::size_t passed_by() const { return passed_by_; }
  bool is_broken() const { return broken_; }  // it ended within a record: nothing behind that was read

 private:
  bool next_run();

  Bytes left_;
  Instant now_;
  std::uint8_t type_ = 0, length_ = 0, in_run_ = 0;
  std::size_t passed_by_ = 0;
  bool broken_ = false;
};

}  // namespace tandem::sync
