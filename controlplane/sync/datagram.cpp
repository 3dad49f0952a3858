// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/datagram.h"

#include <array>
#include <cstring>

#include "common/base/ensure.h"

namespace tandem::sync {
namespace {

constexpr std::array<std::string_view, 16> kNames{"",     "HELLO", "UPD",   "ACK",  "BULK_BEGIN", "BULK_END", "DIGEST", "DIFF",
                                                  "FULL", "BYE",   "READY", "INIT", "REPLY",      "CONFIRM",  "WORD",   "WORD_ACK"};
static_assert(static_cast<std::size_t>(Type::word_ack) + 1 == kNames.size());

}  // namespace

std::optional<Type> read_type(std::uint8_t wire) {
  if (wire == 0 || wire >= kNames.size()) return {};
  return Type{wire};
}

std::string_view to_string(Type type) {
  const auto place = static_cast<std::size_t>(type);
  return place < kNames.size() ? kNames[place] : "";
}

std::optional<DatagramHeader> read_header(std::span<const std::uint8_t> datagram) {
  DatagramHeader header;
  if (datagram.size() < sizeof header) return {};
  std::memcpy(&header, datagram.data(), sizeof header);
  return header;
}

void write_header(const DatagramHeader& header, std::span<std::uint8_t> datagram) {
  ensure(datagram.size() >= sizeof header);
  std::memcpy(datagram.data(), &header, sizeof header);
}

}  // namespace tandem::sync
