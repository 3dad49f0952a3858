// SPDX-License-Identifier: Apache-2.0
// TCP segments with their numbers, options and data, written and read; and the receiving half of a server's kernel.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "tests/support/packet_builder.h"

namespace tandem::test {

struct Segment {
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0, acknowledgment = 0;
  Bytes options{}, data{};
  std::string source{}, target{};  // what is read alone
  std::uint16_t source_port = 0, target_port = 0;
  bool sums_right = false;

  std::size_t header_bytes() const { return sizeof(TcpHeader) + options.size(); }
  std::optional<Bytes> option(std::uint8_t kind) const;  // the first of it, whole
};

// Behind Ethernet and IP, whose addresses `base` has.
Frame segment(Frame base, std::uint16_t source_port, std::uint16_t target_port, const Segment& wanted);
Segment read_segment(const Bytes& frame);

Bytes text(std::string_view letters);
Bytes joined(const Bytes& first, const Bytes& second);
Bytes mss(std::uint16_t bytes);  // the option

// What a kernel has got of a stream: what it may acknowledge, and what it would give its program.
class Receiver {
 public:
  explicit Receiver(std::uint32_t syn) : next_{syn + 1} {}
  void take(const Segment& got);
  std::uint32_t acknowledges() const { return next_; }
  const Bytes& stream() const { return stream_; }

 private:
  std::uint32_t next_;
  Bytes stream_;
  std::map<std::uint32_t, Bytes> early_;
};

}  // namespace tandem::test
