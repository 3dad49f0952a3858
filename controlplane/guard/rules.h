// SPDX-License-Identifier: Apache-2.0
// What the book and [protect] come to for the workers: lists of prefixes, renewed where a word changed, and a note of who came to be
// denied by it. Protected prefixes are allowed for all services, and what is inside them is never denied, whatever the book says.
// Threads: one control thread.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "controlplane/config/guard_lists.h"
#include "controlplane/guard/book.h"
#include "dataplane/model/guard_view.h"
#include "dataplane/model/prefix_set.h"

namespace tandem::guard {

class Rules {
 public:
  static constexpr std::size_t kRecent = 64;

  // At the start, and when [protect] changed: all anew.
  void begin(const Book& book, std::vector<Prefix> protect);
  // These places have other words now.
  void renew(const Book& book, std::span<const Place> changed);

  config::GuardLists lists() const;
  const Prefix* protects(const Prefix& prefix) const;  // the protected prefix that it lies in; null: none

 private:
  struct List {
    PrefixSet<std::uint32_t> v4;
    PrefixSet<Uint128> v6;
    std::shared_ptr<const PrefixRules> published;

    RuleWord put(const Prefix& prefix, RuleWord rule);  // returns the one before
    void bulk(bool begins);
    std::size_t size() const { return v4.size() + v6.size(); }
  };
  RuleWord rule_at(const Book& book, const std::string& service, const Prefix& prefix) const;
  void publish(List& list);
  void note_denied(std::vector<Prefix> newly);

  std::vector<Prefix> protect_;
  std::map<std::string, List> lists_;  // by service; empty: of all
  std::uint64_t version_ = 0, told_since_ = 0;
  std::vector<NewlyDenied> recent_;
};

}  // namespace tandem::guard
