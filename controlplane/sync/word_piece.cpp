// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/word_piece.h"

#include <cstring>

#include "common/net/byte_order.h"

namespace tandem::sync {
namespace {

constexpr std::uint8_t kLast = 1;

struct [[gnu::packed]] WirePiece {
  Be64 conversation, number;
  std::uint8_t kind, flags, spare[2];
};
struct [[gnu::packed]] WireAck {
  Be64 conversation, next, ahead;
};
static_assert(sizeof(WirePiece) == 20 && sizeof(WireAck) == 24);

const std::uint8_t* bytes_of(const void* wire) { return static_cast<const std::uint8_t*>(wire); }

}  // namespace

std::vector<std::uint8_t> encode(const Piece& piece) {
  const WirePiece wire{Be64{piece.conversation}, Be64{piece.number}, piece.kind, piece.last ? kLast : std::uint8_t{0}, {}};
  std::vector<std::uint8_t> out{bytes_of(&wire), bytes_of(&wire) + sizeof wire};
  out.insert(out.end(), piece.text.begin(), piece.text.end());
  return out;
}

std::vector<std::uint8_t> encode(const PieceAck& ack) {
  const WireAck wire{Be64{ack.conversation}, Be64{ack.next}, Be64{ack.ahead}};
  return {bytes_of(&wire), bytes_of(&wire) + sizeof wire};
}

std::optional<Piece> decode_piece(std::span<const std::uint8_t> bytes) {
  WirePiece wire;
  if (bytes.size() < sizeof wire) return std::nullopt;
  std::memcpy(&wire, bytes.data(), sizeof wire);
  const auto text = bytes.subspan(sizeof wire);
  return Piece{wire.conversation.host(), wire.number.host(), wire.kind, (wire.flags & kLast) != 0, {text.begin(), text.end()}};
}

std::optional<PieceAck> decode_piece_ack(std::span<const std::uint8_t> bytes) {
  WireAck wire;
  if (bytes.size() < sizeof wire) return std::nullopt;
  std::memcpy(&wire, bytes.data(), sizeof wire);
  return PieceAck{wire.conversation.host(), wire.next.host(), wire.ahead.host()};
}

}  // namespace tandem::sync
