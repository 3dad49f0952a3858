// SPDX-License-Identifier: Apache-2.0
// Words on their way to the other node: cut into pieces, at most kWindow of them under way, each said again until it is
// acknowledged, more and more rarely. Words wait in a queue that has an end. Pure; threads: the pair's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "controlplane/sync/word_piece.h"

namespace tandem::sync {

class WordSender {
 public:
  static constexpr std::size_t kWindow = 32, kQueueWords = 4096, kQueueBytes = 4 << 20;
  static constexpr std::chrono::milliseconds kPatience{30};  // before a piece is said again; doubled each time, up to 32 times that

  using Send = std::function<bool(const Piece&)>;

  bool queue(std::uint8_t kind, std::string text);  // false: no room
  void pump(const Send& send, Instant now);
  void acknowledge(const PieceAck& ack);
  void forget(std::uint64_t conversation);  // all of it: the peer is another, and numbers begin again

  bool idle() const { return words_.empty() && under_way_.empty(); }
  std::size_t queued_bytes() const { return bytes_; }
  std::uint64_t resent() const { return resent_; }

 private:
  struct Queued {
    std::uint8_t kind;
    std::string text;
  };
  struct UnderWay {
    Piece piece;
    Instant again;
    unsigned tries = 0;
  };
  void say_again(const Send& send, Instant now);
  Piece cut();

  std::deque<Queued> words_;
  std::size_t cut_ = 0, bytes_ = 0;  // of the first word; of all words together
  std::deque<UnderWay> under_way_;
  std::uint64_t conversation_ = 0, next_ = 1, resent_ = 0;
};

}  // namespace tandem::sync
