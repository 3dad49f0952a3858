// SPDX-License-Identifier: Apache-2.0
// State sync of a whole node: a stream for each of its workers to the other node, and the other's streams to it. It sees to it that
// the other has everything: a walk through all tables when he is new, or something was lost on the way to us, or he has room again;
// then changes alone, and sums by which a silent difference is found.
// Pure; threads: the pair's.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/base/clock.h"
#include "controlplane/sync/digests.h"
#include "controlplane/sync/flow_receiver.h"
#include "controlplane/sync/flow_sender.h"
#include "controlplane/sync/session.h"

namespace tandem::sync {

class Flows {
 public:
  using Send = std::function<std::uint64_t(const Label& label, Bytes payload)>;  // its sequence; 0: not sent

  explicit Flows(FlowWorkers& workers, bool compares = true) : workers_{workers}, lanes_(workers.workers()) {
    if (compares) digests_.emplace(workers);
  }

  // Called at every tick. `peer`: the boot id of who listens now; none: nobody does.
  void pump(std::optional<std::uint64_t> peer, std::uint32_t epoch, const Send& send, Instant now);
  void hear(const Opened& opened, Instant now);
  void walk_again();  // by an operator: all is told once more
  // Both nodes speak of sums, and have one configuration: else what they hold differs by right.
  void set_comparable(bool comparable) { comparable_ = comparable; }

  bool peer_has_all(Instant now) const;
  bool walking() const;
  bool peer_is_full() const { return peer_full_; }  // it said so within the last second
  struct Progress {
    std::uint64_t walked = 0;  // records told since the walk began
    std::optional<Instant> began, ended;
  };
  const Progress& progress() const { return progress_; }

  FlowSender::Counts sent() const;
  FlowReceiver::Counts received() const;
  DigestQuestions::Counts compared() const { return digests_ ? digests_->counts() : DigestQuestions::Counts{}; }
  std::size_t records_under_way() const;
  Nanoseconds lag(Instant now) const;

 private:
  enum class Walk : std::uint8_t { needed, under_way, done };
  struct Lane {
    FlowSender sender;
    Walk walk = Walk::needed;
  };
  void meet(std::uint64_t peer, std::uint32_t epoch, Instant now);
  void look_for_trouble(Instant now);
  void watch_peers_room(Instant now);
  void say_full(const Send& send, Instant now);
  void compare(const Send& send, Instant now);
  void pump_lane(std::size_t worker, const Send& send, Instant now);
  FlowReceiver& receiver(std::uint8_t stream);
  FlowSender::Refresh refresher(std::size_t worker);

  FlowWorkers& workers_;
  std::vector<Lane> lanes_;
  std::array<std::unique_ptr<FlowReceiver>, 256> receivers_;
  std::optional<std::uint64_t> peer_;
  std::uint32_t epoch_ = 0, heard_epoch_ = 0, last_epoch_ = 0;
  bool silent_ = true, full_ = false, peer_full_ = false, comparable_ = true;
  Instant full_until_, full_said_, peer_full_until_, room_walk_due_;
  bool room_walk_ = false;  // he was full: what he was not told waits for a walk
  Instant settled_;         // after a silence, what was under way is asked for anew first
  Progress progress_;
  std::optional<Digests> digests_;
};

}  // namespace tandem::sync
