// SPDX-License-Identifier: Apache-2.0
// What a worker counts. One writer (the worker), any reader: relaxed atomics that compile to plain adds.
// The balance that must hold at rest, summed over workers (design.md):
//   rx + injected + originated = tx + consumed + punted + dropped + held
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "common/base/cache_line.h"
#include "dataplane/stats/drop_reason.h"

namespace tandem {

// Written by one thread alone, so add() needs no locked instruction.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

enum class PuntClass : std::uint8_t { control, known, rest, count_ };
inline constexpr std::size_t kPuntClasses = static_cast<std::size_t>(PuntClass::count_);
inline constexpr std::array<std::string_view, kPuntClasses> kPuntClassNames{"control", "known", "rest"};

enum class InsertFailure : std::uint8_t { table_full, bucket_full, half_open_quota, reply_key_taken, pool_exhausted, count_ };
inline constexpr std::array<std::string_view, 5> kInsertFailureNames{"table_full", "bucket_full", "half_open_quota", "reply_key_taken",
                                                                     "pool_exhausted"};

enum class RemoveReason : std::uint8_t { expired, evicted, replaced, backend_gone, killed, synced, moved, denied, count_ };
inline constexpr std::size_t kRemoveReasons = static_cast<std::size_t>(RemoveReason::count_);
inline constexpr std::array<std::string_view, kRemoveReasons> kRemoveReasonNames{"expired", "evicted", "replaced", "backend_gone",
                                                                                 "killed",  "synced",  "moved",    "denied"};

// Which list denied: the one for all services, or the service's own.
enum class DenyList : std::uint8_t { everywhere, service, count_ };
inline constexpr std::array<std::string_view, 2> kDenyListNames{"everywhere", "service"};

// How a packet without an entry was decided that opens no connection (docs/design/adoption.md, life.md). adopted_…: an entry was made, for
// the likeliest backend, the next likely one after a reset, or the one that a reply proves. flood_syn: not remembered while there is a
// flood. one_packet: of a service that remembers nobody. by_connection_id: to the backend that made it.
enum class OrphanDecision : std::uint8_t {
  adopted_first_candidate,
  adopted_next_candidate,
  adopted_by_reply,
  forwarded_untracked,
  flood_syn,
  stateless_reply,
  one_packet,
  by_connection_id,
  count_
};
inline constexpr std::size_t kOrphanDecisions = static_cast<std::size_t>(OrphanDecision::count_);
inline constexpr std::array<std::string_view, kOrphanDecisions> kOrphanDecisionNames{"adopted_first_candidate",
                                                                                     "adopted_next_candidate",
                                                                                     "adopted_by_reply",
                                                                                     "forwarded_untracked",
                                                                                     "flood_syn",
                                                                                     "stateless_reply",
                                                                                     "one_packet",
                                                                                     "by_connection_id"};

// TCP segments of our own, for connections that we end. reset_…: to whom. probe_…: one that its receiver answers with the numbers
// that a reset needs. lost: no buffer.
enum class OwnSegmentKind : std::uint8_t { reset_client, reset_backend, probe_client, probe_backend, lost, count_ };
inline constexpr std::size_t kOwnSegmentKinds = static_cast<std::size_t>(OwnSegmentKind::count_);
inline constexpr std::array<std::string_view, kOwnSegmentKinds> kOwnSegmentKindNames{"reset_client", "reset_backend", "probe_client",
                                                                                     "probe_backend", "lost"};

// ICMP errors. to_…: about a connection, carried to its backend or client. too_big, time_exceeded: made here. limited: not made,
// over the rate; unanswerable: not made, because its sender, or our end, has no address that an error may go to or come from.
enum class IcmpErrorFate : std::uint8_t { to_backend, to_client, too_big, time_exceeded, limited, unanswerable, count_ };
inline constexpr std::size_t kIcmpErrorFates = static_cast<std::size_t>(IcmpErrorFate::count_);
inline constexpr std::array<std::string_view, kIcmpErrorFates> kIcmpErrorFateNames{"to_backend",    "to_client", "too_big",
                                                                                   "time_exceeded", "limited",   "unanswerable"};

// Packets of full-nat clients whose backend is to know their address. toa, proxy_v2: it was written in, as often as it was sent; no_room:
// the option found no room; forged: an option of that kind was the client's own, and was blanked; syn_data_cut: what came with a SYN
// was cut off, to be sent again.
enum class ClientAddressFate : std::uint8_t { toa, proxy_v2, no_room, forged, syn_data_cut, count_ };
inline constexpr std::size_t kClientAddressFates = static_cast<std::size_t>(ClientAddressFate::count_);
inline constexpr std::array<std::string_view, kClientAddressFates> kClientAddressFateNames{"toa", "proxy_v2", "no_room", "forged",
                                                                                           "syn_data_cut"};

// What became of a record that the peer told. mended: sent because sums differed, and it changed something; full: no room without
// evicting somebody.
enum class SyncOutcome : std::uint8_t {
  inserted,
  replaced,
  merged,
  reported,
  removed,
  mended,
  ignored,
  unknown_service,
  unknown_backend,
  conflict,
  reply_key_taken,
  half_open_quota,
  full,
  count_
};
inline constexpr std::size_t kSyncOutcomes = static_cast<std::size_t>(SyncOutcome::count_);
inline constexpr std::array<std::string_view, kSyncOutcomes> kSyncOutcomeNames{
    "inserted",        "replaced",        "merged",   "reported",        "removed",         "mended", "ignored",
    "unknown_service", "unknown_backend", "conflict", "reply_key_taken", "half_open_quota", "full"};

// Traffic of one backend of one service, by slot. received: from clients; transmitted: from the backend (nat alone). The first line
// is written by every packet; the others only when a connection begins, closes or ends, so that other workers may read them.
struct alignas(kCacheLineBytes) BackendCounters {
  Counter received_packets, received_bytes, transmitted_packets, transmitted_bytes;
  Counter new_connections, exceptions, closed_finished, closed_reset;
  Counter closed_expired, unanswered_syns;
  Counter opened_entries, removed_entries;    // entries = opened - removed, summed over workers
  Counter closed_entries, reopened_or_ended;  // closed entries (TIME_WAIT, reset) still kept = the difference
  Counter lent_connections;                   // of the new ones: to another service, whose fallback this one's service is
  Counter closed_cut;                         // ended by us: resets went to both ends
  Counter answered, refused;                  // TCP that began here: SYN+ACK or RST came back, where replies pass us
};
static_assert(sizeof(BackendCounters) == 3 * kCacheLineBytes && offsetof(BackendCounters, closed_expired) == kCacheLineBytes);

inline constexpr std::array<std::uint32_t, 12> kLoopBucketsUs{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20000};
inline constexpr std::array<std::uint32_t, 7> kBurstBuckets{0, 1, 2, 4, 8, 16, 32};

inline constexpr std::size_t kCountedPorts = 32;

struct alignas(kCacheLineBytes) WorkerCounters {
  Counter rx, injected, originated, tx, consumed, handover_in, handover_out;
  std::array<Counter, kPuntClasses> punted;
  std::array<Counter, kDropReasons> dropped;
  Counter held;  // a gauge: packets kept for now
  Counter polls_empty, polls_packets, busy_tsc, total_tsc;
  Counter lookups_hit, lookups_miss, inserts_local, inserts_sync;
  std::array<Counter, kInsertFailureNames.size()> insert_failures;
  std::array<Counter, kRemoveReasons> removed;
  std::array<Counter, kOrphanDecisions> orphans;
  std::array<Counter, kOwnSegmentKinds> own_segments;
  std::array<Counter, kDenyListNames.size()> denied;  // packets, by the list that said it
  std::array<Counter, kIcmpErrorFates> icmp_errors;
  std::array<Counter, kClientAddressFates> client_addresses;
  Counter entries_ipv4, entries_ipv6, half_open, flood;  // gauges; flood: 1 while SYNs are not remembered
  std::array<Counter, kLoopBucketsUs.size() + 1> loop_duration;
  Counter loop_duration_sum_us, loop_max_us;
  std::array<Counter, kBurstBuckets.size() + 1> burst_packets;
  Counter progress;      // grows at every loop, also asleep
  Counter last_loop_ns;  // monotonic time of the last loop: heartbeat age
  // The pair's. By port: monotonic times of the last burst that was not empty, and of the last ARP or ND answer to this node from
  // somebody who is not the peer. Written seldom, and apart from the counters above.
  Counter beats_sent, pair_frames, handed_to_peer;
  Counter sync_told, sync_overflow;  // records for the pair's thread; changes that found no room, so that a bulk must follow
  std::array<Counter, kSyncOutcomes> sync_applied;
  alignas(kCacheLineBytes) std::array<Counter, kCountedPorts> port_heard, port_witness;
};

}  // namespace tandem
