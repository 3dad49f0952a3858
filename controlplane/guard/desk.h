// SPDX-License-Identifier: Apache-2.0
// Where words on who may enter come in, an operator's, a bouncer's or the other node's, and where they go: into the book, into the
// rules, to the workers, to the other node. Threads: one control thread.
#pragma once

#include <functional>

#include "controlplane/guard/book.h"
#include "controlplane/guard/rules.h"

namespace tandem::guard {

class Desk {
 public:
  struct Hooks {
    std::function<void()> changed = [] {};                                    // the workers are to have other lists
    std::function<void(std::string lines)> tell = [](const std::string&) {};  // the other node
  };

  Result<> open(std::string path, WallTime now);
  void connect(Hooks hooks) { hooks_ = std::move(hooks); }
  void configure(const std::vector<Prefix>& protect);  // at the start, and when the configuration changed

  const Book& book() const { return book_; }
  const Prefix* protects(const Prefix& prefix) const { return rules_.protects(prefix); }
  config::GuardLists lists() const { return rules_.lists(); }

  Result<> say(std::vector<Entry> entries);
  Result<std::size_t> hear(std::string_view lines, WallTime now);  // how many were news
  std::vector<Place> expire(WallTime now);

  // What the other node has not, or otherwise, by its sums; in portions that fit a word.
  std::vector<std::string> told_to(const Sums& theirs) const;

 private:
  void take_effect(std::span<const Place> changed);

  Hooks hooks_;
  Book book_;
  Rules rules_;
  std::vector<Prefix> protect_;
  bool begun_ = false;
};

// As they stand in a message.
std::string to_text(const Sums& sums);
std::optional<Sums> read_sums(std::string_view text);

}  // namespace tandem::guard
