// SPDX-License-Identifier: Apache-2.0
// Two whole halves of a pair over a wire that loses nothing, and somebody who keeps a copy of every sealed datagram he sees, from
// the sync link and from LANs. For each node it is known which sequences have come, so that a copy's fate can be told beforehand.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <vector>

#include "controlplane/sync/replay_window.h"
#include "tests/unit/pair/plain_node.h"

namespace tandem::pair {

struct Capture {
  std::size_t to = 0;  // the node that got it
  sync::Type type{};
  std::vector<std::uint8_t> datagram;
};

class CapturedPair {
 public:
  static constexpr std::uint16_t kConnections = 200;

  CapturedPair();

  void run(std::chrono::milliseconds time);
  void restart(std::size_t node);
  void stop(std::size_t node) { stopped_[node] = true; }  // until it is restarted
  void open_connections();

  // On the sync link, by somebody who is not the other node. What is refused is counted there by its reason.
  void throw_at(std::size_t node, std::vector<std::uint8_t> datagram);
  // Why it must be refused, by the header that it came with and what has come before.
  sync::Reject due(std::size_t node, const std::vector<std::uint8_t>& datagram) const;

  PlainNode& node(std::size_t n) { return *nodes_[n]; }
  Half& half(std::size_t n) { return nodes_[n]->half(); }
  std::map<std::string, std::uint64_t> refused(std::size_t n) { return half(n).path_stats(ha::kSyncPath).rejected; }

  std::vector<Capture> captures;

 private:
  struct Letter {
    std::size_t to, path;
    std::vector<std::uint8_t> bytes;
  };
  void deliver(Letter letter);
  void look_at(const Letter& letter);

  Instant now_{1h};
  std::uint64_t boots_ = 0;
  std::array<bool, 2> stopped_{};
  std::deque<Letter> letters_;
  std::array<std::unique_ptr<PlainNode>, 2> nodes_;
  std::array<std::map<std::pair<std::uint32_t, std::uint8_t>, sync::ReplayWindow>, 2> seen_;  // by node: epoch, stream
};

}  // namespace tandem::pair
