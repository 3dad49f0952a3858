// SPDX-License-Identifier: Apache-2.0
// Byte order is a type: a field on the wire is Be16, Be32 or Be64. host() is the only way out, a constructor the only way in.
// Equality needs no swap; arithmetic needs host().
#pragma once

#include <bit>
#include <cstdint>

namespace tandem {

static_assert(std::endian::native == std::endian::little, "Tandem is written for little-endian machines");

// Packed: a header may lie at any address of a frame, so what it is made of asks for no alignment.
struct [[gnu::packed]] Be16 {
  std::uint16_t wire = 0;

  constexpr Be16() = default;
  constexpr explicit Be16(std::uint16_t host_value) : wire{__builtin_bswap16(host_value)} {}
  static constexpr Be16 from_wire(std::uint16_t raw) {
    Be16 value;
    value.wire = raw;
    return value;
  }
  constexpr std::uint16_t host() const { return __builtin_bswap16(wire); }
  friend constexpr bool operator==(Be16, Be16) = default;
};

struct [[gnu::packed]] Be32 {
  std::uint32_t wire = 0;

  constexpr Be32() = default;
  constexpr explicit Be32(std::uint32_t host_value) : wire{__builtin_bswap32(host_value)} {}
  static constexpr Be32 from_wire(std::uint32_t raw) {
    Be32 value;
    value.wire = raw;
    return value;
  }
  constexpr std::uint32_t host() const { return __builtin_bswap32(wire); }
  friend constexpr bool operator==(Be32, Be32) = default;
};

struct [[gnu::packed]] Be64 {
  std::uint64_t wire = 0;

  constexpr Be64() = default;
  constexpr explicit Be64(std::uint64_t host_value) : wire{__builtin_bswap64(host_value)} {}
  static constexpr Be64 from_wire(std::uint64_t raw) {
    Be64 value;
    value.wire = raw;
    return value;
  }
  constexpr std::uint64_t host() const { return __builtin_bswap64(wire); }
  friend constexpr bool operator==(Be64, Be64) = default;
};

static_assert(sizeof(Be16) == 2 && sizeof(Be32) == 4 && sizeof(Be64) == 8);

}  // namespace tandem
