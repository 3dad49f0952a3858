// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/wires.h"

#include <algorithm>

namespace tandem::sim {

using namespace std::chrono_literals;

Nanoseconds Wires::delay() {
  const auto usual = std::chrono::microseconds{100 + engine_() % 400};
  return chance(late_) ? usual + std::chrono::milliseconds{engine_() % 300} : Nanoseconds{usual};
}

void Wires::send(std::size_t from, std::size_t path, std::vector<std::uint8_t> bytes, Instant now) {
  if (chance(loss_[from][path])) return;
  const Instant arrives = now + delay();
  if (chance(late_ / 4)) letters_.push({arrives + 5ms, order_++, 1 - from, path, bytes});
  letters_.push({arrives, order_++, 1 - from, path, std::move(bytes)});
}

void Wires::deliver(Instant now, const std::function<void(Letter&)>& arrive) {
  while (!letters_.empty() && letters_.top().arrives <= now) {
    Letter letter = letters_.top();
    letters_.pop();
    arrive(letter);
  }
}

bool Wires::is_mute(std::size_t from) const {
  return std::all_of(loss_[from].begin(), loss_[from].end(), [](double lost) { return lost == 1; });
}

}  // namespace tandem::sim
