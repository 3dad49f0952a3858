// SPDX-License-Identifier: Apache-2.0
// Bytes that say where they belong, so that whoever reads them sees what was lost, doubled or damaged on the way. Both ends
// run on one machine: numbers are in its byte order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tandem::load {

inline constexpr std::size_t kNameBytes = 16;
using Name = std::array<char, kNameBytes>;  // a server's, filled up with zeros: the greeting of a stream
Name to_name(std::string_view text);
std::string to_text(const Name& name);

// One write of a stream.
struct Block {
  std::uint64_t stream = 0, number = 0;
  std::array<std::uint64_t, 6> body{};

  Block() = default;
  Block(std::uint64_t of_stream, std::uint64_t with_number);
  bool whole() const { return *this == Block{stream, number}; }
  friend bool operator==(const Block&, const Block&) = default;
};

// One datagram; the server writes its name into it.
struct Datagram {
  Block block;
  Name server{};
};

struct Faults {
  std::uint64_t lost = 0, doubled = 0, damaged = 0;

  Faults& operator+=(const Faults& more);
};

// Reads a byte stream, cut anywhere, as blocks, and compares each with the one that must come next.
class Verifier {
 public:
  Verifier() = default;  // of whichever stream the first block names
  explicit Verifier(std::uint64_t stream) : stream_{stream}, named_{true} {}

  void take(std::span<const std::byte> bytes);
  std::uint64_t next() const { return next_; }
  bool between_blocks() const { return have_ == 0; }
  const Faults& faults() const { return faults_; }

 private:
  void judge(const Block& block);

  std::uint64_t stream_ = 0, next_ = 0;
  bool named_ = false;
  std::array<std::byte, sizeof(Block)> part_{};
  std::size_t have_ = 0;
  Faults faults_;
};

}  // namespace tandem::load
