// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/word_receiver.h"

#include <utility>

namespace tandem::sync {

void WordReceiver::take(Piece piece, const Deliver& deliver) {
  if (piece.conversation != conversation_) return;
  due_ = true;
  if (piece.number < next_ || piece.number - next_ > kAhead) return;
  const std::uint64_t number = piece.number;
  ahead_.emplace(number, std::move(piece));
  for (auto at = ahead_.find(next_); at != ahead_.end(); at = ahead_.find(next_)) {
    Piece next = std::move(at->second);
    ahead_.erase(at);
    ++next_;
    append(std::move(next), deliver);
  }
}

void WordReceiver::append(Piece piece, const Deliver& deliver) {
  passing_by_ = passing_by_ || text_.size() + piece.text.size() > kLongest;
  if (passing_by_) text_.clear();
  else text_ += piece.text;
  if (!piece.last) return;
  if (std::exchange(passing_by_, false)) return void(++too_long_);
  deliver(piece.kind, std::exchange(text_, {}));
}

std::optional<PieceAck> WordReceiver::due_ack() {
  if (!std::exchange(due_, false)) return std::nullopt;
  PieceAck ack{conversation_, next_, 0};
  for (const auto& [number, piece] : ahead_) ack.ahead |= std::uint64_t{1} << (number - next_ - 1);
  return ack;
}

void WordReceiver::forget(std::uint64_t conversation) {
  conversation_ = conversation, next_ = 1;
  ahead_.clear(), text_.clear();
  passing_by_ = due_ = false;
}

}  // namespace tandem::sync
