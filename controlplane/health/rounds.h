// SPDX-License-Identifier: Apache-2.0
// When each check is due. Pure: time and chance are handed in.
// A check is never under way twice; what a slow one misses is not made up for. The first of each comes within a quarter of its
// interval (and a second at most), so that a start soon knows every state without asking all servers in one moment.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"

namespace tandem::health {

class Rounds {
 public:
  using Chance = std::function<double()>;  // evenly in [0, 1)

  struct Pace {
    Nanoseconds interval{};
    double jitter = 0;  // share of the interval over which a check's times are spread, its middle being the interval
  };

  explicit Rounds(Chance chance) : chance_{std::move(chance)} {}

  void add(const std::string& key, Pace pace, Instant now);
  void change(const std::string& key, Pace pace);  // from the next time on
  void remove(const std::string& key);
  void hurry(const std::string& key, Instant now);  // it is due now; one that is under way, as soon as it has ended

  std::vector<std::string> take_due(Instant now, std::size_t most);  // longest due first; each is under way until finished()
  void finished(const std::string& key, Instant now);

  std::optional<Instant> next() const;  // when the first of those that wait is due

 private:
  struct Turn {
    Pace pace;
    Instant due;
    bool under_way = false, hurried = false;
  };
  Nanoseconds step(const Pace& pace);

  Chance chance_;
  std::map<std::string, Turn> turns_;
  std::set<std::pair<Instant, std::string>> waiting_;
};

}  // namespace tandem::health
