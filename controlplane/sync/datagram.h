// SPDX-License-Identifier: Apache-2.0
// One datagram between the two nodes: 24 bytes of header, in clear but vouched for, then a sealed payload, then a 16-byte tag.
// Handshake messages have the same header, a body in clear, and 32 bytes of HMAC; they are of version 0, epoch 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/net/byte_order.h"

namespace tandem::sync {

enum class Type : std::uint8_t {
  hello = 1,
  update,
  ack,
  bulk_begin,
  bulk_end,
  digest,
  diff,
  full,
  bye,
  ready,  // the responder's first sealed word in a new epoch; the session's own
  init,
  reply,
  confirm,
  word,  // words.h
  word_ack,
};

std::optional<Type> read_type(std::uint8_t wire);
std::string_view to_string(Type type);
constexpr bool is_handshake(Type type) { return type >= Type::ready && type <= Type::confirm; }  // taken by the session itself
constexpr bool is_in_clear(Type type) { return type >= Type::init && type <= Type::confirm; }

// Each has its own key and its own sequence, so that none ever waits for another.
enum class Stream : std::uint8_t {};
inline constexpr std::size_t kHelloPaths = 34, kFirstWorkerStream = 64, kWorkerStreams = 128;
inline constexpr Stream kControlStream{255};

constexpr Stream hello_stream(std::size_t path) { return Stream{static_cast<std::uint8_t>(path)}; }
constexpr Stream worker_stream(std::size_t worker) { return Stream{static_cast<std::uint8_t>(kFirstWorkerStream + worker)}; }
constexpr bool is_stream(Stream stream) {
  const auto number = static_cast<std::size_t>(stream);
  return number < kHelloPaths || (number >= kFirstWorkerStream && number < kFirstWorkerStream + kWorkerStreams) || stream == kControlStream;
}

struct DatagramHeader {
  std::uint8_t version = 0, type = 0;
  std::uint8_t count = 0;  // records in the payload
  std::uint8_t flags = 0;
  Be32 epoch;  // which session: both sides derive it from the handshake
  Be64 sequence;
  Be32 generation;  // of the sender's configuration
  std::uint8_t stream = 0;
  std::uint8_t spare[3] = {};  // sent as 0, ignored
};
static_assert(sizeof(DatagramHeader) == 24 && offsetof(DatagramHeader, sequence) == 8);

// None: shorter than a header.
std::optional<DatagramHeader> read_header(std::span<const std::uint8_t> datagram);
void write_header(const DatagramHeader& header, std::span<std::uint8_t> datagram);

}  // namespace tandem::sync
