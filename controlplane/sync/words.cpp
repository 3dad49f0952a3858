// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/words.h"

namespace tandem::sync {

bool Words::say(Word kind, std::string text) {
  const bool too_long = text.size() > WordReceiver::kLongest;
  const bool queued = peer_ && !too_long && sender_.queue(static_cast<std::uint8_t>(kind), std::move(text));
  ++(queued ? counts_.said : counts_.not_said);
  missed_ = missed_ || (!queued && !too_long);  // too long it would be again
  return queued;
}

void Words::meet(std::uint64_t peer) {
  const std::uint64_t conversation = own_boot_ ^ peer;
  sender_.forget(conversation), receiver_.forget(conversation);
  peer_ = peer, new_ = true, missed_ = false;
}

void Words::pump(std::optional<std::uint64_t> peer, const Send& send, Instant now) {
  if (!peer) return;
  if (peer_ != peer) meet(*peer);
  sender_.pump([&](const Piece& piece) { return send({kControlStream, Type::word}, encode(piece)) != 0; }, now);
  if (const std::optional<PieceAck> ack = receiver_.due_ack()) send({kControlStream, Type::word_ack}, encode(*ack));
  if (missed_ && sender_.idle()) missed_ = false, new_ = true;
}

void Words::hear(const Opened& opened, const Heard& heard) {
  if (opened.type == Type::word_ack) {
    const std::optional<PieceAck> ack = decode_piece_ack(opened.payload);
    if (!ack) ++counts_.broken;
    else if (peer_ && ack->conversation == (own_boot_ ^ *peer_)) sender_.acknowledge(*ack);
    return;
  }
  std::optional<Piece> piece = decode_piece(opened.payload);
  if (!piece) return void(++counts_.broken);
  receiver_.take(std::move(*piece), [&](std::uint8_t kind, std::string text) { deliver(kind, std::move(text), heard); });
}

void Words::deliver(std::uint8_t kind, std::string text, const Heard& heard) {
  ++counts_.heard;
  if (kind == 0 || kind >= static_cast<std::uint8_t>(Word::count_)) return void(++counts_.unknown);
  heard(Word{kind}, std::move(text));
}

}  // namespace tandem::sync
