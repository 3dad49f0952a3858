// SPDX-License-Identifier: Apache-2.0
// The table's hash: keyed and non-linear, of the client end (address, port, protocol), so that a stranger can aim neither at a
// bucket nor at a worker. Low half: place in the table. Top bits: owner. All workers of a process use one and the same TableHasher
// kind; kinds differ in value, so a replay fixes it. Which is quickest, and how many AES rounds: docs/design/table-hash.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/base/cache_line.h"
#include "common/net/siphash.h"
#include "dataplane/conn/entry.h"

namespace tandem {

using ClientEnd4 = ClientEnd<Ipv4Address>;
using ClientEnd6 = ClientEnd<Ipv6Address>;

// The reference, anywhere: SipHash-1-3 of the client end's 8 bytes (IPv6: 20, zero-padded to 24).
std::uint64_t sip_table_hash(const SipKey& key, const ClientEnd4& end) noexcept;
std::uint64_t sip_table_hash(const SipKey& key, const ClientEnd6& end) noexcept;

class TableHasher {
 public:
  enum class Kind : std::uint8_t { siphash, aes };

  static bool has_aes() noexcept;  // this CPU can
  static Kind fastest() noexcept { return has_aes() ? Kind::aes : Kind::siphash; }
  explicit TableHasher(const SipKey& key, Kind kind = fastest()) noexcept;

  Kind kind() const noexcept { return kind_; }
  std::uint64_t operator()(const ClientEnd4& end) const noexcept;
  std::uint64_t operator()(const ClientEnd6& end) const noexcept;

  // out[i] = hash of ends[i]; the batch's form, several at a time.
  void batch(std::span<const ClientEnd4> ends, std::span<std::uint64_t> out) const noexcept;
  void batch(std::span<const ClientEnd6> ends, std::span<std::uint64_t> out) const noexcept;

  static constexpr unsigned kAesRounds = 4;
  using RoundKeys = std::array<std::array<std::uint64_t, 2>, kAesRounds + 3>;  // first, rounds, two for IPv6 alone

 private:
  SipKey key_;
  alignas(16) RoundKeys round_keys_{};
  Kind kind_;
};

}  // namespace tandem
