// SPDX-License-Identifier: Apache-2.0
// The table of datagrams said slowly, with everything in maps and sets: dataplane/fragments is held against it by a unit test and a
// fuzzer. It has room for all, so it is for stories that fill no table.
#pragma once

#include <map>
#include <set>

#include "dataplane/fragments/datagram_table.h"

namespace tandem::test {

class SlowDatagrams {
 public:
  using Kind = DatagramTable::Admission::Kind;
  struct Said {
    Kind kind;
    DropReason reason = DropReason::count_;
  };

  Said admit(std::uint64_t name, const Fragment& fragment, std::uintptr_t number, Instant now) {
    One& one = all_.try_emplace(name, One{.until = now + DatagramTable::kPatience}).first->second;
    if (one.refused != DropReason::count_) return {Kind::refused, one.refused};
    if (const DropReason wrong = one.judge(fragment); wrong != DropReason::count_) return refuse(one, wrong, now);
    for (std::uint32_t at = fragment.from; at < fragment.to; ++at) one.bytes.insert(at);
    if (!fragment.more) one.end = fragment.to;
    if (fragment.is_first()) one.known = true, one.until = now + DatagramTable::kPatience;
    if (!one.known) {
      if (one.held.size() == 16) return refuse(one, DropReason::too_many_fragments, now);
      one.held.insert(number);
      return {Kind::held};
    }
    leave(one, DropReason::count_);
    if (one.end != 0 && one.bytes.size() == one.end) all_.erase(name);
    return {Kind::traced};
  }

  void expire(Instant now) {
    for (auto at = all_.begin(); at != all_.end();) {
      if (at->second.until > now) {
        ++at;
        continue;
      }
      leave(at->second, DropReason::fragment_timed_out);
      at = all_.erase(at);
    }
  }

  std::map<std::uintptr_t, DropReason> left;
  std::size_t size() const { return all_.size(); }

 private:
  struct One {
    Instant until;
    DropReason refused = DropReason::count_;
    bool known = false;
    std::uint32_t end = 0;
    std::set<std::uint32_t> bytes;
    std::set<std::uintptr_t> held;

    std::size_t islands(const std::set<std::uint32_t>& of) const {
      std::size_t count = 0;
      for (const std::uint32_t at : of) count += !of.contains(at - 1);
      return count;
    }
    DropReason judge(const Fragment& fragment) const {
      const std::uint32_t highest = bytes.empty() ? 0 : *bytes.rbegin() + 1;
      if (end != 0 && (fragment.to > end || (!fragment.more && fragment.to != end))) return DropReason::bad_fragment;
      if (!fragment.more && highest > fragment.to) return DropReason::bad_fragment;
      std::set<std::uint32_t> grown = bytes;
      for (std::uint32_t at = fragment.from; at < fragment.to; ++at)
        if (!grown.insert(at).second) return DropReason::overlapping_fragment;
      return islands(grown) > 17 ? DropReason::too_many_fragments : DropReason::count_;
    }
  };
  Said refuse(One& one, DropReason reason, Instant now) {
    one.refused = reason, one.until = now + DatagramTable::kPatience;
    leave(one, reason);
    return {Kind::refused, reason};
  }
  void leave(One& one, DropReason reason) {
    for (const std::uintptr_t number : one.held) left[number] = reason;
    one.held.clear();
  }

  std::map<std::uint64_t, One> all_;
};

}  // namespace tandem::test
