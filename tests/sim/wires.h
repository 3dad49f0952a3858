// SPDX-License-Identifier: Apache-2.0
// The three paths between the nodes: each way loses its own share of what is sent, and letters come late, out of order, or twice.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

#include "common/base/clock.h"
#include "tests/sim/sim_site.h"

namespace tandem::sim {

class Wires {
 public:
  struct Letter {
    Instant arrives;
    std::uint64_t order = 0;
    std::size_t to = 0, path = 0;
    std::vector<std::uint8_t> bytes;
    bool operator<(const Letter& other) const { return arrives != other.arrives ? arrives > other.arrives : order > other.order; }
  };

  explicit Wires(std::mt19937_64& engine) : engine_{engine} {}

  void send(std::size_t from, std::size_t path, std::vector<std::uint8_t> bytes, Instant now);
  void deliver(Instant now, const std::function<void(Letter&)>& arrive);  // what is due

  void lose(std::size_t from, std::size_t path, double share) { loss_[from][path] = share; }
  void mute(std::size_t from) { loss_[from].fill(1); }
  void be_late(double share) { late_ = share; }
  void heal() { loss_ = {}, late_ = 0; }

  bool carries(std::size_t from, std::size_t path) const { return loss_[from][path] == 0; }
  bool is_mute(std::size_t from) const;
  bool in_time() const { return late_ == 0; }

 private:
  bool chance(double share) { return share > 0 && std::uniform_real_distribution<>{}(engine_) < share; }
  Nanoseconds delay();

  std::mt19937_64& engine_;
  std::array<std::array<double, kPaths>, 2> loss_{};
  double late_ = 0;
  std::uint64_t order_ = 0;
  std::priority_queue<Letter> letters_;
};

}  // namespace tandem::sim
