// SPDX-License-Identifier: Apache-2.0
// Ends the connections of clients that were denied after these had been opened: after such a change it looks at every connection
// of the worker once, a slice per loop, so that packets of connections need not be asked about. A change of few prefixes compares
// addresses with these, and asks the lists only about those that match; after a change of many, the lists are asked about all.
// What is opened meanwhile was judged by a list that is at least as new. Threads: the owning worker's.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/conn/table.h"
#include "dataplane/guard/judge_client.h"

namespace tandem {

// The prefixes of one family that came to be denied since a version, as ranges of numbers.
template <typename Key>
class Suspects {
 public:
  static constexpr std::size_t kMost = 16;

  void note(const GuardView& guard, std::uint64_t judged, Family family) noexcept;
  bool may_hold(Key client) const noexcept {
    if (everybody_) return true;
    for (std::size_t i = 0; i < count_; ++i)
      if (client >= ranges_[i].first && client <= ranges_[i].last) return true;
    return false;
  }
  bool nobody() const noexcept { return !everybody_ && count_ == 0; }

 private:
  struct Range {
    Key first, last;
  };
  std::array<Range, kMost> ranges_;
  std::size_t count_ = 0;
  bool everybody_ = false;
};

class DenySweep {
 public:
  static constexpr std::size_t kSlice = 128;  // slots looked at per loop

  // One slice; calls end(Entry&) for each connection whose client is denied. False: there was nothing to do.
  template <typename End>
  bool turn(const Generation& generation, ConnTable<ConnEntry4>& table4, ConnTable<ConnEntry6>& table6, End&& end) noexcept;

 private:
  template <typename Key, typename Entry, typename End>
  static std::size_t slice(const Generation& generation, std::uint64_t judged, ConnTable<Entry>& table, std::size_t from,
                           End&& end) noexcept;

  std::uint64_t judged_ = 0, aim_ = 0;  // versions: what all connections were judged by, and will be after this sweep
  std::size_t next4_ = 0, next6_ = 0;
};

template <typename Key, typename Entry, typename End>
std::size_t DenySweep::slice(const Generation& generation, std::uint64_t judged, ConnTable<Entry>& table, std::size_t from,
                             End&& end) noexcept {
  Suspects<Key> suspects;
  suspects.note(*generation.guard, judged, sizeof(Key) == 4 ? Family::ipv4 : Family::ipv6);
  if (suspects.nobody()) return table.slots();
  return table.walk(from, kSlice, [&](Entry& entry) {
    if (!suspects.may_hold(number_of(entry.client))) return;
    const ServiceView& service = (*generation.services)[index(table.detail(entry).service)];
    if (denied_by(generation, &service, entry.client) != DenyList::count_) end(entry);
  });
}

template <typename End>
bool DenySweep::turn(const Generation& generation, ConnTable<ConnEntry4>& table4, ConnTable<ConnEntry6>& table6, End&& end) noexcept {
  if (generation.guard == nullptr || generation.guard->version == judged_) return false;
  if (aim_ == judged_) aim_ = generation.guard->version, next4_ = next6_ = 0;
  if (next4_ < table4.slots()) next4_ = slice<std::uint32_t>(generation, judged_, table4, next4_, end);
  else if (next6_ < table6.slots()) next6_ = slice<Uint128>(generation, judged_, table6, next6_, end);
  else judged_ = aim_;
  return true;
}

}  // namespace tandem
