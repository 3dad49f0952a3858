// SPDX-License-Identifier: Apache-2.0
// All words on who may enter, a million of them and more: kept over restarts, and the same on both nodes of a pair, whoever heard
// what first: of two words on one place the later one (id, a Lamport time, then the node's name) holds. So what was taken back is
// remembered as well, as long as a node that was away may bring it again. Entries with an end end on both nodes by themselves.
// Threads: one control thread.
#pragma once

#include <array>
#include <map>
#include <set>
#include <span>

#include "controlplane/guard/entry.h"
#include "controlplane/guard/journal.h"

namespace tandem::guard {

inline constexpr std::size_t kBuckets = 256;
using Sums = std::array<std::uint64_t, kBuckets>;  // of all words, by place: equal sums, equal books

class Book {
 public:
  Book() = default;  // in memory alone

  // A damaged file is an error, never silently forgotten.
  static Result<Book> open(std::string path, WallTime now);

  using Words = std::map<Place, Word>;
  const Words& words() const { return words_; }
  const Word* find(const Place& place) const;  // what holds: not what was taken back
  std::size_t count(Verdict verdict) const { return counts_[static_cast<std::size_t>(verdict)]; }
  std::optional<WallTime> next_end() const;

  // Gives the words their ids and writes them down; `entries` then has them. Nothing is said when that fails.
  Result<> say(std::vector<Entry>& entries);
  // Words of the other node. Returns those that are news.
  Result<std::vector<Place>> take(std::vector<Entry> theirs, WallTime now);
  std::vector<Place> expire(WallTime now);  // what ended

  const Sums& sums() const { return sums_; }
  static std::size_t bucket_of(const Place& place);

 private:
  void put(Entry entry);
  void drop(Words::iterator at);
  void note(const Place& place, const Word& word, bool in);
  void forget_old_ends();
  Result<> write(std::span<const Entry> entries);
  std::string all_lines() const;

  Journal journal_;
  Words words_;
  std::set<std::pair<WallTime, const Place*>> ends_;
  std::set<std::pair<std::uint64_t, const Place*>> gone_;
  std::array<std::size_t, 2> counts_{};
  Sums sums_{};
  std::uint64_t next_id_ = 1;
  std::size_t lines_ = 0;  // in the file
};

}  // namespace tandem::guard
