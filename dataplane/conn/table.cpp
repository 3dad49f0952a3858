// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/table.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace tandem {
namespace {

// Slots per connection of capacity: with a quarter more, 16 groups always had room in 3 million random changes of a full table.
constexpr std::size_t kFillPercent = 80;
constexpr std::uint8_t kOverflowStuck = 255;  // counts no further, and so never down again: look-ups go on where they need not

// A prime, so that no stride comes back to a group before all were visited.
std::uint32_t next_prime(std::uint32_t n) noexcept {
  const auto is_prime = [](std::uint32_t candidate) {
    for (std::uint32_t divisor = 2; std::uint64_t{divisor} * divisor <= candidate; ++divisor) {
      if (candidate % divisor == 0) return false;
    }
    return candidate > 1;
  };
  while (!is_prime(n)) ++n;
  return n;
}

constexpr std::size_t tag_bytes(std::size_t groups) {
  return (groups * sizeof(TagGroup) + 2 * kCacheLineBytes - 1) / (2 * kCacheLineBytes) * (2 * kCacheLineBytes);
}

}  // namespace

template <typename Entry>
std::uint32_t ConnTable<Entry>::groups_for(std::size_t capacity) noexcept {
  constexpr std::size_t kFull = kGroupSlots * kFillPercent;
  return next_prime(static_cast<std::uint32_t>((capacity * 100 + kFull - 1) / kFull));
}

template <typename Entry>
std::size_t ConnTable<Entry>::slots_for(std::size_t capacity) noexcept {
  return std::size_t{groups_for(capacity)} * kGroupSlots;
}

template <typename Entry>
std::size_t ConnTable<Entry>::bytes_for(std::size_t capacity) noexcept {
  return tag_bytes(groups_for(capacity)) + slots_for(capacity) * (sizeof(Entry) + (Entry::kHoldsDetail ? 0 : sizeof(ConnDetail)));
}

template <typename Entry>
ConnTable<Entry>::ConnTable(std::size_t capacity, MemoryBlock memory) noexcept
    : groups_{groups_for(capacity)}, max_steps_{std::min(groups_, kMaxGroups)}, capacity_{capacity}, memory_{std::move(memory)} {
  ensure(memory_.bytes() >= bytes_for(capacity));
  tags_ = static_cast<TagGroup*>(memory_.start());
  entries_ = reinterpret_cast<Entry*>(static_cast<std::byte*>(memory_.start()) + tag_bytes(groups_));
  if constexpr (!Entry::kHoldsDetail) details_ = reinterpret_cast<ConnDetail*>(entries_ + slots());
  ensure(reinterpret_cast<std::uintptr_t>(entries_) % alignof(Entry) == 0);
}

// The stride takes all of the low half: the bits that choose the first group are equal for all who overflow from it.
template <typename Entry>
std::uint32_t ConnTable<Entry>::next_group(std::uint32_t group, TableHash hash) const noexcept {
  const auto mixed = static_cast<std::uint32_t>(hash) * 0x9e3779b1u;
  const auto stride = static_cast<std::uint32_t>(1 + ((std::uint64_t{mixed} * (groups_ - 1)) >> 32));
  const std::uint64_t next = std::uint64_t{group} + stride;
  return static_cast<std::uint32_t>(next >= groups_ ? next - groups_ : next);
}

template <typename Entry>
Candidate ConnTable<Entry>::next_candidate(TableHash hash, Candidate at) const noexcept {
  while (tags_[at.group].overflow != 0 && at.step + 1u < max_steps_) {
    at.group = next_group(at.group, hash);
    ++at.step;
    at.matches = tags_[at.group].matching(tag_of(hash));
    if (at.matches != 0) return at;
  }
  at.matches = 0;
  return at;
}

template <typename Entry>
Entry* ConnTable<Entry>::find_further(TableHash hash, Candidate at, const Key& key, Direction direction) noexcept {
  at.matches = static_cast<std::uint16_t>(at.matches & (at.matches - 1));  // the first was compared
  do {
    for (unsigned left = at.matches; left != 0; left &= left - 1) {
      Entry* entry = entry_at(at.group, lowest_slot(left));
      if (matches(*entry, key, direction)) return entry;
    }
    at = next_candidate(hash, at);
  } while (at.matches != 0);
  return nullptr;
}

template <typename Entry>
void ConnTable<Entry>::candidates(std::span<const TableHash> hashes, std::span<Candidate> out) const noexcept {
  std::array<std::uint8_t, kBatch> further;  // who must look into a second group; asked for first, so that their misses overlap
  std::size_t waiting = 0;
  ensure(hashes.size() <= kBatch && out.size() >= hashes.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    Candidate at{first_group(hashes[i]), 0, 0};
    const TagGroup& tags = tags_[at.group];
    at.matches = tags.matching(tag_of(hashes[i]));
    prefetch_matches(at);
    if (at.matches == 0 && tags.overflow != 0) [[unlikely]] {
      tandem::prefetch(tags_ + next_group(at.group, hashes[i]));
      further[waiting++] = static_cast<std::uint8_t>(i);
    }
    out[i] = at;
  }
  for (std::size_t w = 0; w < waiting; ++w) {
    Candidate& at = out[further[w]];
    at = next_candidate(hashes[further[w]], at);
    prefetch_matches(at);
  }
}

template <typename Entry>
void ConnTable<Entry>::find_batch(std::span<const TableHash> hashes, std::span<const Key> keys, std::span<const Direction> directions,
                                  std::span<Entry*> found) noexcept {
  std::array<Candidate, kBatch> at;
  for (const TableHash hash : hashes) prefetch(hash);
  candidates(hashes, at);
  for (std::size_t i = 0; i < hashes.size(); ++i) found[i] = find(hashes[i], at[i], keys[i], directions[i]);
}

template <typename Entry>
typename ConnTable<Entry>::Inserted ConnTable<Entry>::insert(TableHash hash, const Entry& fresh, const ConnDetail& detail) noexcept {
  const Key client_key = fresh.client_key(), reply_key = fresh.reply_key();
  const bool has_reply = fresh.method == ForwardingMethod::nat;
  bool reply_taken = false;
  for (Candidate at = candidate(hash); at.matches != 0; at = next_candidate(hash, at)) {
    for (unsigned left = at.matches; left != 0; left &= left - 1) {
      Entry* entry = entry_at(at.group, lowest_slot(left));
      if (matches(*entry, client_key, Direction::from_client)) return {entry, true, InsertFailure::count_};
      reply_taken |= has_reply && matches(*entry, reply_key, Direction::from_backend);
    }
  }
  if (reply_taken) return {nullptr, false, InsertFailure::reply_key_taken};
  if (full()) return {nullptr, false, InsertFailure::table_full};
  if (fresh.state == ConnState::half_open && count(ConnState::half_open) >= half_open_quota()) {
    return {nullptr, false, InsertFailure::half_open_quota};
  }
  Entry* entry = take_slot(hash);
  if (entry == nullptr) return {nullptr, false, InsertFailure::bucket_full};
  *entry = fresh;
  this->detail(*entry) = detail;
  this->detail(*entry).hash = static_cast<std::uint32_t>(hash);
  ++size_;
  ++lives(fresh.state, fresh);
  return {entry, false, InsertFailure::count_};
}

template <typename Entry>
Entry* ConnTable<Entry>::take_slot(TableHash hash) noexcept {
  std::uint32_t group = first_group(hash), steps = 0;
  while (tags_[group].matching(0) == 0) {
    if (++steps == max_steps_) return nullptr;
    group = next_group(group, hash);
  }
  note_passed(hash, group, [](std::uint8_t& overflow) { overflow = static_cast<std::uint8_t>(overflow + (overflow != kOverflowStuck)); });
  const unsigned slot = lowest_slot(tags_[group].matching(0));
  tags_[group].tag[slot] = tag_of(hash);
  return entry_at(group, slot);
}

// Every group that look-ups of `hash` pass before they come to `target`.
template <typename Entry>
template <typename Note>
void ConnTable<Entry>::note_passed(TableHash hash, std::uint32_t target, Note&& note) noexcept {
  for (std::uint32_t group = first_group(hash); group != target; group = next_group(group, hash)) note(tags_[group].overflow);
}

template <typename Entry>
void ConnTable<Entry>::erase(Entry& entry) noexcept {
  const std::size_t slot = index(handle(entry));
  const auto group = static_cast<std::uint32_t>(slot / kGroupSlots);
  ensure(is_used(slot));
  note_passed(detail(entry).hash, group,
              [](std::uint8_t& overflow) { overflow = static_cast<std::uint8_t>(overflow - (overflow != kOverflowStuck)); });
  tags_[group].tag[slot % kGroupSlots] = 0;
  --lives(entry.state, entry);
  --size_;
  entry.state = ConnState::free;
}

template <typename Entry>
void ConnTable<Entry>::change_state(Entry& entry, ConnState state) noexcept {
  --lives(entry.state, entry);
  ++lives(state, entry);
  entry.state = state;
}

template <typename Entry>
unsigned ConnTable<Entry>::lowest_rank() const noexcept {
  unsigned lowest = kNotEvicted;
  for (std::size_t state = 0; state < by_state_.size(); ++state) {
    for (const bool only_we : {false, true})
      if (by_state_[state][only_we ? 1 : 0] != 0) lowest = std::min(lowest, eviction_rank(static_cast<ConnState>(state), only_we));
  }
  return lowest;
}

template class ConnTable<ConnEntry4>;
template class ConnTable<ConnEntry6>;

}  // namespace tandem
