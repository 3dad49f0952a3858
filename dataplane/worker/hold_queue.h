// SPDX-License-Identifier: Apache-2.0
// Packets that wait for a next hop's MAC: 4096 a worker, a second at most. Looked at again when a new generation brings
// neighbours. Each neighbour that is missing is asked for twice a second at most, however many packets want it.
// One destination gets half the room at most, so a host that never answers leaves the others theirs. It takes some 20 ms from the
// first packet until the worker knows the answer, and has taken 90 where compilers had the cores: half the room is 200 ms of 10,000
// packets a second to one client, which a node that has just got a group meets all at once.
// Threads: one worker's own.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "common/base/clock.h"
#include "dataplane/forward/hold.h"
#include "dataplane/packet/batch.h"

namespace tandem {

class HoldQueue {
 public:
  static constexpr std::size_t kHeldMax = 4096, kOneDestinationMax = kHeldMax / 2;
  static constexpr std::chrono::milliseconds kPatience{1000};

  std::size_t size() const noexcept { return count_; }
  bool add(const Held& held, Instant now) noexcept;  // false: full, or full for its destination

  // Shows each packet what the generation knows now; `done(mbuf, release)` gets those that are decided, in the order they came.
  template <typename Done>
  void retry(const Generation& generation, Instant now, Done&& done) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      Release release = release_held(generation, waiting_[i].held);
      if (release.verdict == Verdict::hold && now >= waiting_[i].until) release = {Verdict::drop, {}, DropReason::unresolved_neighbour};
      if (release.verdict == Verdict::hold) {
        waiting_[kept++] = waiting_[i];
        continue;
      }
      --by_destination_[waiting_[i].place];
      done(waiting_[i].held.mbuf, release);
    }
    count_ = kept;
  }

  template <typename Drop>
  void clear(Drop&& drop) noexcept {
    for (std::size_t i = 0; i < count_; ++i) drop(waiting_[i].held.mbuf);
    count_ = 0;
    by_destination_ = {};
  }

  // True when its time has come, or a packet's patience ends.
  bool due(const Generation& generation, Instant now) noexcept;

 private:
  struct Waiting {
    Held held;
    Instant until;
    std::uint8_t place;  // in by_destination_
  };
  std::size_t count_ = 0;
  std::array<std::uint16_t, 64> by_destination_{};  // who shares a place shares its room
  std::array<Waiting, kHeldMax> waiting_;
  std::uint64_t generation_ = 0;
};

// Remembers who was asked for, so that a flood of packets makes no flood of events.
class AskedNeighbours {
 public:
  bool ask(const NextHop& hop, Instant now) noexcept;  // false: asked a moment ago

 private:
  static constexpr std::size_t kPlaces = 64;
  static constexpr std::chrono::milliseconds kPause{500};
  struct Asked {
    IpAddress address;
    PortId port{};
    std::uint16_t vlan = 0;
    Instant again;
  };
  std::array<Asked, kPlaces> asked_{};
};

}  // namespace tandem
