// SPDX-License-Identifier: Apache-2.0
// A piece of a word on the wire, and what a receiver says of the pieces it has. Both name the conversation: the two boot ids
// together, so that nothing said to an earlier start of either node is taken by a later one. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tandem::sync {

struct Piece {
  static constexpr std::size_t kTextBytes = 1200;  // with headers it fits any link of ours

  std::uint64_t conversation = 0, number = 0;  // numbers count from 1, through all words of a conversation
  std::uint8_t kind = 0;
  bool last = false;  // of its word
  std::string text;
};

struct PieceAck {
  std::uint64_t conversation = 0;
  std::uint64_t next = 1, ahead = 0;  // all before `next` are there; bit i of ahead: so is next + 1 + i

  bool has(std::uint64_t number) const {
    if (number <= next) return number < next;
    return number - next <= 64 && (ahead >> (number - next - 1) & 1) != 0;
  }
};

std::vector<std::uint8_t> encode(const Piece& piece);
std::vector<std::uint8_t> encode(const PieceAck& ack);
std::optional<Piece> decode_piece(std::span<const std::uint8_t> bytes);
std::optional<PieceAck> decode_piece_ack(std::span<const std::uint8_t> bytes);

}  // namespace tandem::sync
