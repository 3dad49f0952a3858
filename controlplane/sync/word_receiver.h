// SPDX-License-Identifier: Apache-2.0
// Words of the other node, put together again: each once, and in the order in which they were said. Of what comes early at most
// kAhead pieces are kept. Pure; threads: the pair's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "controlplane/sync/word_piece.h"

namespace tandem::sync {

class WordReceiver {
 public:
  static constexpr std::size_t kAhead = 64, kLongest = 1 << 20;

  using Deliver = std::function<void(std::uint8_t kind, std::string text)>;

  void take(Piece piece, const Deliver& deliver);
  std::optional<PieceAck> due_ack();        // something arrived since, be it a copy
  void forget(std::uint64_t conversation);  // numbers begin again
  std::uint64_t too_long() const { return too_long_; }

 private:
  void append(Piece piece, const Deliver& deliver);

  std::uint64_t conversation_ = 0, next_ = 1, too_long_ = 0;
  std::map<std::uint64_t, Piece> ahead_;
  std::string text_;         // of the word that is not yet whole
  bool passing_by_ = false;  // it is longer than any that we take
  bool due_ = false;
};

}  // namespace tandem::sync
