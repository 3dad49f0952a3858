// SPDX-License-Identifier: Apache-2.0
// Numbers that entries in the workers' tables remember: backend slots with their incarnations, and service ids.
// Threads: one control thread. The lowest free number is taken, so that the arrays they index stay short. When a number may
// be given back is the owner's to judge (build_service.h); an incarnation tells an entry of the last user from the next's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "common/base/ensure.h"
#include "common/base/ids.h"

namespace tandem::config {

template <typename Id>
class NumberPool {
 public:
  explicit NumberPool(std::size_t capacity) : capacity_{capacity} {}

  std::size_t available() const { return capacity_ - high_water_ + returned_.size(); }
  std::size_t high_water() const { return high_water_; }  // no number at or above was ever taken; never falls

  Id take() {
    ensure(available() > 0);
    if (returned_.empty()) return static_cast<Id>(high_water_++);
    return static_cast<Id>(returned_.extract(returned_.begin()).value());
  }
  void give_back(Id id) { ensure(index(id) < high_water_ && returned_.insert(index(id)).second); }

 private:
  std::size_t capacity_, high_water_ = 0;
  std::set<std::size_t> returned_;
};

class SlotTable {
 public:
  explicit SlotTable(std::size_t capacity) : pool_{capacity}, incarnations_(capacity) {}

  std::size_t available() const { return pool_.available(); }
  std::size_t high_water() const { return pool_.high_water(); }
  BackendSlot take() { return pool_.take(); }
  void give_back(BackendSlot slot) { pool_.give_back(slot); }

  std::uint8_t incarnation(BackendSlot slot) const { return incarnations_[index(slot)]; }
  void end_incarnation(BackendSlot slot) { ++incarnations_[index(slot)]; }  // wraps: the slot rested meanwhile

 private:
  NumberPool<BackendSlot> pool_;
  std::vector<std::uint8_t> incarnations_;
};

}  // namespace tandem::config
