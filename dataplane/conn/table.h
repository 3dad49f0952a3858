// SPDX-License-Identifier: Apache-2.0
// One worker's connections of one family. Fixed capacity, entries never move, nothing is allocated after construction.
// An entry's place is its group and slot, so there is no index: a group is 15 entries, found by 16 bytes of tags that lie
// together apart from the entries (1.07 B a slot: 1 MB for a million, near enough to stay in L2). A packet of a known connection
// costs one cold line, the entry; one of an unknown connection mostly none (docs/design/connection-table.md).
// Placement: the hash's first group that has room, of at most kMaxGroups; each group passed over counts it in its overflow byte,
// so a look-up goes on only where somebody once had to.
// Threads: the owning worker alone. Holds: at most one entry per client key, and per reply key of nat.
//
// A batch goes in three passes, each asking for what the next one reads:
//   for each: table.prefetch(hash);                            the tags
//   for each: candidate = table.candidate(hash);               tags compared, the entry asked for
//   for each: entry = table.find(hash, candidate, key, direction);
// or all at once with find_batch().
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/cache_line.h"
#include "dataplane/conn/entry.h"
#include "dataplane/conn/eviction_rank.h"
#include "dataplane/conn/flood_mode.h"
#include "dataplane/conn/memory.h"
#include "dataplane/conn/tag_group.h"
#include "dataplane/stats/counters.h"

namespace tandem {

// Keyed hash of the client end (table_hash.h). The low half is the table's, the high half chooses the owner.
using TableHash = std::uint64_t;

// Where a look-up stands between its passes.
struct Candidate {
  std::uint32_t group = 0;
  std::uint16_t matches = 0;  // slots of the group whose tag is the hash's, not yet compared
  std::uint16_t step = 0;     // how many groups were passed
};

template <typename Entry>
class ConnTable {
 public:
  using EntryType = Entry;
  using Key = typename Entry::Key;
  static constexpr std::uint32_t kMaxGroups = 16;
  static constexpr std::size_t kEvictionSearch = 128;

  struct Inserted {
    Entry* entry = nullptr;  // null: not inserted, see failure
    bool existed = false;    // the client key was there already: entry is that one, unchanged
    InsertFailure failure = InsertFailure::count_;
  };

  static std::size_t slots_for(std::size_t capacity) noexcept;
  static std::size_t bytes_for(std::size_t capacity) noexcept;  // of the memory to hand in
  ConnTable(std::size_t capacity, MemoryBlock memory) noexcept;

  std::size_t capacity() const noexcept { return capacity_; }  // connections held before anybody is evicted
  std::size_t slots() const noexcept { return std::size_t{groups_} * kGroupSlots; }
  std::size_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ >= capacity_; }
  std::size_t count(ConnState state) const noexcept {
    const auto& lives = by_state_[static_cast<std::size_t>(state)];
    return lives[0] + lives[1];
  }
  std::size_t half_open_quota() const noexcept { return capacity_ / 4; }
  TableFill fill() const noexcept { return {count(ConnState::half_open), half_open_quota(), size_, capacity_}; }
  bool under_pressure() const noexcept { return fill().is_high(); }  // half-open ends sooner
  FloodMode& flood() noexcept { return flood_; }

  void prefetch(TableHash hash) const noexcept { tandem::prefetch(tags_ + first_group(hash)); }
  Candidate candidate(TableHash hash) const noexcept;
  void candidates(std::span<const TableHash> hashes, std::span<Candidate> out) const noexcept;  // a pass over a batch: overlaps more
  Entry* find(TableHash hash, Candidate at, const Key& key, Direction direction) noexcept;
  Entry* find(TableHash hash, const Key& key, Direction direction) noexcept { return find(hash, candidate(hash), key, direction); }

  // All three passes over at most kBatch; found[i] is null where there is none.
  static constexpr std::size_t kBatch = 64;
  void find_batch(std::span<const TableHash> hashes, std::span<const Key> keys, std::span<const Direction> directions,
                  std::span<Entry*> found) noexcept;

  // A pass between prefetch() and insert() over a batch of new connections: asks for the place that insert() will most likely take, and
  // for the details of who may have to go for it. Tells a place of the same group, for what stands beside the table by place.
  ConnHandle prefetch_place(TableHash hash) noexcept;

  // Takes copies (fresh.state says what it counts as). Bounded. Evicts nobody: when full(), erase a victim first.
  Inserted insert(TableHash hash, const Entry& fresh, const ConnDetail& detail) noexcept;
  void erase(Entry& entry) noexcept;
  void change_state(Entry& entry, ConnState state) noexcept;

  // Who goes when the table is full, by eviction_rank(); null when a bounded search met none who may go. Each call goes on where the
  // last one ended. Who goes_last(Entry&) goes when it met none but such.
  template <typename Last>
  Entry* find_victim(Last&& goes_last) noexcept;
  Entry* find_victim() noexcept {
    return find_victim([](Entry&) { return false; });
  }

  ConnDetail& detail(Entry& entry) noexcept {
    if constexpr (Entry::kHoldsDetail) return entry.own_detail;
    else return details_[&entry - entries_];
  }
  const ConnDetail& detail(const Entry& entry) const noexcept {
    if constexpr (Entry::kHoldsDetail) return entry.own_detail;
    else return details_[&entry - entries_];
  }
  ConnHandle handle(const Entry& entry) const noexcept { return ConnHandle{static_cast<std::uint32_t>(&entry - entries_)}; }
  Entry* at(ConnHandle handle) noexcept;  // null when nobody lives there
  void prefetch_at(ConnHandle handle) const noexcept { prefetch_entry(entries_ + index(handle)); }
  void prefetch_end(ConnHandle handle) noexcept;  // all that erase() touches

  // Calls visit(Entry&) for whoever may be of a client end with this hash: its own entries, to whatever VIP, and a few that are
  // not. Bounded as a look-up is.
  template <typename Visit>
  void visit_kin(TableHash hash, Visit&& visit) noexcept;

  // Calls visit(Entry&) for every entry in slots [from, from + count) and returns where to go on; slots() means done. The visitor
  // may erase what it is shown. An entry that lives through a whole walk is seen exactly once, whatever is inserted meanwhile.
  template <typename Visit>
  std::size_t walk(std::size_t from, std::size_t count, Visit&& visit) noexcept;

 private:
  static std::uint32_t groups_for(std::size_t capacity) noexcept;
  std::uint32_t first_group(TableHash hash) const noexcept { return static_cast<std::uint32_t>(((hash & 0xffffffff) * groups_) >> 32); }
  std::uint32_t next_group(std::uint32_t group, TableHash hash) const noexcept;
  bool is_used(std::size_t slot) const noexcept { return tags_[slot / kGroupSlots].tag[slot % kGroupSlots] != 0; }
  Entry* entry_at(std::uint32_t group, unsigned slot) const noexcept { return entries_ + std::size_t{group} * kGroupSlots + slot; }
  void prefetch_entry(const Entry* entry) const noexcept;
  void prefetch_matches(const Candidate& at) const noexcept;
  Candidate next_candidate(TableHash hash, Candidate at) const noexcept;
  Entry* take_slot(TableHash hash) noexcept;
  // The schedule alone would not choose it again. As long as it lives: a connection that goes elsewhere is another entry.
  static bool only_we_know(const Entry& entry) noexcept { return entry.is(kConnException) || entry.method == ForwardingMethod::full_nat; }
  static unsigned rank_of(const Entry& entry) noexcept { return eviction_rank(entry.state, only_we_know(entry)); }
  std::size_t& lives(ConnState state, const Entry& entry) noexcept {
    return by_state_[static_cast<std::size_t>(state)][only_we_know(entry) ? 1 : 0];
  }
  unsigned lowest_rank() const noexcept;  // nobody less worth keeping is anywhere
  template <typename Note>
  void note_passed(TableHash hash, std::uint32_t target, Note&& note) noexcept;
  Entry* find_further(TableHash hash, Candidate at, const Key& key, Direction direction) noexcept;

  TagGroup* tags_ = nullptr;
  Entry* entries_ = nullptr;
  ConnDetail* details_ = nullptr;  // of IPv4
  std::uint32_t groups_ = 0;
  std::uint32_t max_steps_ = 0;
  std::size_t capacity_ = 0, size_ = 0, victim_hand_ = 0;
  std::array<std::array<std::size_t, 2>, 8> by_state_{};  // and by whether only we know
  FloodMode flood_;
  MemoryBlock memory_;
};

template <typename Entry>
inline void ConnTable<Entry>::prefetch_entry(const Entry* entry) const noexcept {
  const auto* line = reinterpret_cast<const std::byte*>(entry);
  for (std::size_t at = 0; at < sizeof(Entry); at += kCacheLineBytes) prefetch_for_write(line + at);
}

template <typename Entry>
inline void ConnTable<Entry>::prefetch_matches(const Candidate& at) const noexcept {
  for (unsigned left = at.matches; left != 0; left &= left - 1) prefetch_entry(entry_at(at.group, lowest_slot(left)));
}

template <typename Entry>
inline ConnHandle ConnTable<Entry>::prefetch_place(TableHash hash) noexcept {
  const std::uint32_t group = first_group(hash);
  for (unsigned left = tags_[group].matching(tag_of(hash)); left != 0; left &= left - 1)
    prefetch_for_write(&detail(*entry_at(group, lowest_slot(left))));
  const unsigned free = tags_[group].matching(0);
  Entry* const place = entry_at(group, free == 0 ? 0 : lowest_slot(free));
  if (free != 0) prefetch_entry(place), prefetch_for_write(&detail(*place));
  return handle(*place);
}

template <typename Entry>
inline void ConnTable<Entry>::prefetch_end(ConnHandle handle) noexcept {
  Entry& entry = entries_[index(handle)];
  prefetch_entry(&entry);
  prefetch_for_write(&detail(entry));
  prefetch_for_write(tags_ + index(handle) / kGroupSlots);
}

template <typename Entry>
inline Candidate ConnTable<Entry>::candidate(TableHash hash) const noexcept {
  Candidate at{first_group(hash), 0, 0};
  const TagGroup& tags = tags_[at.group];
  at.matches = tags.matching(tag_of(hash));
  if (at.matches == 0 && tags.overflow != 0) [[unlikely]]
    at = next_candidate(hash, at);
  prefetch_matches(at);
  return at;
}

template <typename Entry>
inline Entry* ConnTable<Entry>::find(TableHash hash, Candidate at, const Key& key, Direction direction) noexcept {
  if (at.matches != 0) {
    Entry* entry = entry_at(at.group, lowest_slot(at.matches));
    if (matches(*entry, key, direction)) [[likely]]
      return entry;
  }
  return find_further(hash, at, key, direction);
}

template <typename Entry>
inline Entry* ConnTable<Entry>::at(ConnHandle handle) noexcept {
  const std::size_t slot = index(handle);
  if (slot >= slots() || entries_[slot].state == ConnState::free) return nullptr;  // its tag would be a line more
  return entries_ + slot;
}

template <typename Entry>
template <typename Last>
inline Entry* ConnTable<Entry>::find_victim(Last&& goes_last) noexcept {
  const unsigned first_rank = lowest_rank();  // the search may end there
  Entry *victim = nullptr, *last = nullptr;
  unsigned victim_rank = kNotEvicted, last_rank = kNotEvicted;
  for (std::size_t looked = 0; looked < std::min(kEvictionSearch, slots()) && victim_rank != first_rank; ++looked) {
    if (victim_hand_ == slots()) victim_hand_ = 0;
    Entry& entry = entries_[victim_hand_];
    const unsigned rank = is_used(victim_hand_++) ? rank_of(entry) : kNotEvicted;
    if (rank >= victim_rank) continue;
    if (!goes_last(entry)) victim_rank = rank, victim = &entry;
    else if (rank < last_rank) last_rank = rank, last = &entry;
  }
  return victim != nullptr ? victim : last;
}

template <typename Entry>
template <typename Visit>
inline void ConnTable<Entry>::visit_kin(TableHash hash, Visit&& visit) noexcept {
  for (Candidate at = candidate(hash); at.matches != 0; at = next_candidate(hash, at))
    for (unsigned left = at.matches; left != 0; left &= left - 1) visit(*entry_at(at.group, lowest_slot(left)));
}

template <typename Entry>
template <typename Visit>
inline std::size_t ConnTable<Entry>::walk(std::size_t from, std::size_t count, Visit&& visit) noexcept {
  const std::size_t end = from + count < slots() ? from + count : slots();
  for (std::size_t slot = from; slot < end; ++slot) {
    if (is_used(slot)) visit(entries_[slot]);
  }
  return end;
}

extern template class ConnTable<ConnEntry4>;
extern template class ConnTable<ConnEntry6>;
using ConnTable4 = ConnTable<ConnEntry4>;
using ConnTable6 = ConnTable<ConnEntry6>;

}  // namespace tandem
