// SPDX-License-Identifier: Apache-2.0
// One connection as the nodes of a pair tell each other of it, self-contained: addresses, not ids, so that a differing
// configuration is an alarm and never a corruption. Plain values, copied through rings; byte order is the host's.
#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

#include "common/net/address.h"
#include "dataplane/conn/events.h"
#include "dataplane/model/client_address.h"
#include "dataplane/model/group.h"

namespace tandem {

enum class Operation : std::uint8_t {
  put = 1,   // made, or changed: larger (term, incarnation) replaces, equal merges
  remove,    // by who owns it
  report,    // by who forwards it for the owner: `seen` alone counts
  bulk_end,  // no connection: a worker has told all that it has. On the wire too, so that its arrival is known
  ask,       // by who holds it for the owner: do you have it still? Answered by a remove, if not
};

// What was seen of a TCP connection, and by whom it was sent; the nodes' views are OR-ed (ha.md).
// For UDP: kSeenAckClient = the client spoke again, kSeenAckBackend = answered.
inline constexpr std::uint8_t kSeenSynClient = 1, kSeenSynBackend = 2, kSeenAckClient = 4, kSeenAckBackend = 8;
inline constexpr std::uint8_t kSeenFinClient = 16, kSeenFinBackend = 32, kSeenRst = 64;
inline constexpr std::uint8_t kSeenCut = 128;  // it is we who end it: both ends are told, and no packet restores it

inline constexpr std::uint64_t kLastIncarnation = (std::uint64_t{1} << 48) - 1;

// (term, incarnation): the larger replaces (ha.md, order). Zero: made while its group was not ours, or without a pair.
struct ConnOrder {
  std::uint64_t term : 16 = 0, incarnation : 48 = 0;

  friend constexpr auto operator<=>(const ConnOrder& a, const ConnOrder& b) noexcept { return a.word() <=> b.word(); }
  friend constexpr bool operator==(const ConnOrder& a, const ConnOrder& b) noexcept { return a.word() == b.word(); }

 private:
  constexpr std::uint64_t word() const noexcept { return std::uint64_t{term} << 48 | incarnation; }
};

// In a record's flags, beside kConn…: how the backend is told its client's address, in two bits, and whether it still is to be.
inline constexpr std::uint16_t kRecordOwesAddress = 0x100;
inline constexpr unsigned kRecordTellsShift = 9;
constexpr std::uint16_t record_flags_of(ClientAddress tells, bool owes) noexcept {
  return static_cast<std::uint16_t>(static_cast<unsigned>(tells) << kRecordTellsShift | (owes ? kRecordOwesAddress : 0U));
}
constexpr ClientAddress tells_of(std::uint16_t record_flags) noexcept {
  return static_cast<ClientAddress>(record_flags >> kRecordTellsShift & 3);
}

struct SyncRecord {
  Operation operation = Operation::put;
  ConnState state{};
  Protocol protocol{};
  std::uint8_t seen = 0;    // kSeen…
  std::uint16_t flags = 0;  // kConnException …
  IpAddress client, vip, backend;
  std::uint16_t client_port = 0, vip_port = 0, backend_port = 0;
  std::uint16_t source_port = 0, pool_index = 0;  // full-nat: which of our addresses and ports; else 0
  std::uint16_t idle_timeout_seconds = 0;
  std::uint16_t term = 0;
  std::uint64_t incarnation = 0;  // 48 bits
  // When a packet of it was last seen: seconds of this node's clock. On the wire, how long ago; the clocks are strangers.
  std::uint32_t heard_seconds = 0;

  // What stays with the node that tells it.
  ConnHandle handle = kNoConn;  // where its entry stands, in the table of the client's family
  GroupId group = kNoGroup;
  bool bulk = false;  // told because all was asked for, not because it changed

  bool mend = false;  // told to the peer too: said because sums differed, so the owner's word holds, whatever is there

  std::uint32_t first_byte = 0;  // while it owes: ConnDetail's. On the wire then alone

  ConnOrder order() const noexcept { return {.term = term, .incarnation = incarnation & kLastIncarnation}; }
  friend bool operator==(const SyncRecord&, const SyncRecord&) = default;
};
static_assert(std::is_trivially_copyable_v<SyncRecord> && sizeof(SyncRecord) == 96);

// An entry as the pair's thread remembers it. The order says whether it is still the one that was told.
struct FlowPlace {
  ConnHandle handle = kNoConn;
  Family family = Family::ipv4;
  ConnOrder order;
};

struct SyncFlags {
  bool lost = false;  // changes went untold: only a bulk brings the peer in step again
  bool full = false;  // the peer told of connections that found no room here

  friend bool operator==(const SyncFlags&, const SyncFlags&) = default;
};

}  // namespace tandem
