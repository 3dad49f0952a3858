// SPDX-License-Identifier: Apache-2.0
// One connection as the nodes tell each other of it, self-contained: addresses, not ids, so that a differing configuration is
// an alarm and never a corruption. 40 bytes when all addresses are IPv4, else 80.
//
// On the wire records come in runs: four bytes with type, length and count, then so many records of that length. A reader takes
// of a longer record what it knows, and passes by a type it does not know, so that either node may be upgraded first.
// 35 IPv4 records fit a datagram of 1500 bytes. Threads: any. No allocation.
#pragma once

#include <cstdint>
#include <span>

#include "common/net/address.h"
#include "controlplane/sync/kdf.h"
#include "dataplane/conn/events.h"

namespace tandem::sync {

enum class Operation : std::uint8_t {
  put = 1,   // made, or changed: larger (term, incarnation) replaces, equal merges
  remove,    // by who owns it
  report,    // by who forwards it for the owner: `seen` alone counts
  bulk_end,  // no connection: a walk through a worker's table is over
};

// What was seen of a TCP connection, and by whom it was sent; the two nodes' views are OR-ed.
inline constexpr std::uint8_t kSeenClientSyn = 1, kSeenServerSyn = 2, kSeenClientAck = 4, kSeenServerAck = 8, kSeenClientFin = 16,
                              kSeenServerFin = 32, kSeenReset = 64;

inline constexpr std::uint64_t kLastIncarnation = (std::uint64_t{1} << 48) - 1;

struct SyncRecord {
  Operation operation = Operation::put;
  ConnState state{};
  Protocol protocol{};
  std::uint16_t flags = 0;  // kConnException …
  IpAddress client, vip, backend;
  std::uint16_t client_port = 0, vip_port = 0, backend_port = 0;  // host order
  std::uint16_t source_port = 0, pool_index = 0;                  // full-nat: which of our addresses and ports; else 0
  std::uint16_t idle_timeout_seconds = 0;
  std::uint16_t term = 0;
  std::uint64_t incarnation = 0;  // 48 bits
  std::uint8_t seen = 0;

  friend bool operator==(const SyncRecord&, const SyncRecord&) = default;
};

// Fills a payload from its front.
class RecordWriter {
 public:
  explicit RecordWriter(std::span<std::uint8_t> room) : room_{room} {}

  bool add(const SyncRecord& record);  // false: no room for it, or 255 are in it
  std::size_t bytes() const { return used_; }
  std::uint8_t count() const { return count_; }

 private:
  bool append(std::uint8_t type, Bytes record);

  std::span<std::uint8_t> room_;
  std::size_t used_ = 0, run_ = 0;  // run_: where the open run's head stands
  std::uint8_t count_ = 0, open_type_ = 0;
};

// Takes them one after the other; what cannot be understood is passed by and counted.
class RecordReader {
 public:
  explicit RecordReader(Bytes payload) : left_{payload} {}

  bool next(SyncRecord& record);  // false: there is none any more
  std::size_t passed_by() const { return passed_by_; }
  bool is_broken() const { return broken_; }  // it ended within a record: nothing behind that was read

 private:
  bool next_run();

  Bytes left_;
  std::uint8_t type_ = 0, length_ = 0, in_run_ = 0;
  std::size_t passed_by_ = 0;
  bool broken_ = false;
};

}  // namespace tandem::sync
