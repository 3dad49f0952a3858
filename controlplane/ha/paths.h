// SPDX-License-Identifier: Apache-2.0
// When the other node was last heard on each path: the sync link, and every LAN that has its address. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.h"

namespace tandem::ha {

inline constexpr std::size_t kSyncPath = 0;  // LAN i of the plan is path i + 1
constexpr std::size_t path_of_lan(std::size_t lan) { return lan + 1; }

class Paths {
 public:
  explicit Paths(std::size_t count = 1) : paths_(count) {}

  void resize(std::size_t count) { paths_.resize(count); }
  std::size_t size() const { return paths_.size(); }

  void heard(std::size_t path, Instant now) {
    paths_[path].last = now;
    ever_ = true;
  }

  // We did not run for a while, so we cannot judge who was silent meanwhile: all silence begins now.
  void restart(Instant now) {
    for (Path& path : paths_)
      if (path.last) path.last = now;
  }
  void forget() {  // another peer, or another configuration of paths
    paths_.assign(paths_.size(), {});
    ever_ = false;
  }

  bool ever_heard() const { return ever_; }
  bool alive(std::size_t path, Instant now, Nanoseconds dead_time) const {
    return paths_[path].last && now - *paths_[path].last < dead_time;
  }
  bool any_alive(Instant now, Nanoseconds dead_time) const {
    for (std::size_t path = 0; path < paths_.size(); ++path)
      if (alive(path, now, dead_time)) return true;
    return false;
  }

 private:
  struct Path {
    std::optional<Instant> last;
  };
  std::vector<Path> paths_;
  bool ever_ = false;
};

// For how long something has been so, without a break.
class Lasting {
 public:
  void update(bool is_so, Instant now) {
    if (!is_so) since_.reset();
    else if (!since_) since_ = now;
  }
  bool is_so() const { return since_.has_value(); }
  Nanoseconds for_how_long(Instant now) const { return since_ ? now - *since_ : Nanoseconds{0}; }
  void restart(Instant now) {
    if (since_) since_ = now;
  }

 private:
  std::optional<Instant> since_;
};

}  // namespace tandem::ha
