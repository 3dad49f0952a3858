// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/ack.h"

#include <cstring>

#include "common/net/byte_order.h"

namespace tandem::sync {
namespace {

constexpr std::uint8_t kFull = 1;

struct [[gnu::packed]] Wire {
  std::uint8_t stream, flags, spare[2];
  Be32 epoch;
  Be64 highest, before;
};
static_assert(sizeof(Wire) == 24);

}  // namespace

std::vector<std::uint8_t> encode(const Ack& ack) {
  const Wire wire{ack.stream, ack.full ? kFull : std::uint8_t{0}, {}, Be32{ack.epoch}, Be64{ack.highest}, Be64{ack.before}};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&wire);
  return {bytes, bytes + sizeof wire};
}

std::optional<Ack> decode_ack(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < sizeof(Wire)) return std::nullopt;
  Wire wire;
  std::memcpy(&wire, bytes.data(), sizeof wire);
  return Ack{wire.stream, (wire.flags & kFull) != 0, wire.epoch.host(), wire.highest.host(), wire.before.host()};
}

}  // namespace tandem::sync
