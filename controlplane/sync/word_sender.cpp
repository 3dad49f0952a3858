// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/word_sender.h"

#include <algorithm>
#include <utility>

namespace tandem::sync {
namespace {

constexpr unsigned kDoublings = 5;

}  // namespace

bool WordSender::queue(std::uint8_t kind, std::string text) {
  if (words_.size() >= kQueueWords || bytes_ + text.size() > kQueueBytes) return false;
  bytes_ += text.size();
  words_.push_back({kind, std::move(text)});
  return true;
}

void WordSender::pump(const Send& send, Instant now) {
  say_again(send, now);
  while (!words_.empty() && (under_way_.empty() || next_ - under_way_.front().piece.number < kWindow)) {
    under_way_.push_back({cut(), now + kPatience});
    send(under_way_.back().piece);
  }
}

void WordSender::say_again(const Send& send, Instant now) {
  for (UnderWay& one : under_way_) {
    if (now < one.again) continue;
    one.tries = std::min(one.tries + 1, kDoublings);
    one.again = now + kPatience * (1 << one.tries);
    ++resent_;
    send(one.piece);
  }
}

// An empty word is one empty piece.
Piece WordSender::cut() {
  Queued& word = words_.front();
  Piece piece{conversation_, next_++, word.kind, word.text.size() - cut_ <= Piece::kTextBytes, word.text.substr(cut_, Piece::kTextBytes)};
  cut_ += piece.text.size();
  if (piece.last) bytes_ -= word.text.size(), words_.pop_front(), cut_ = 0;
  return piece;
}

void WordSender::acknowledge(const PieceAck& ack) {
  std::erase_if(under_way_, [&](const UnderWay& one) { return ack.has(one.piece.number); });
}

void WordSender::forget(std::uint64_t conversation) {
  words_.clear(), under_way_.clear();
  cut_ = bytes_ = 0, next_ = 1, conversation_ = conversation;
}

}  // namespace tandem::sync
