// SPDX-License-Identifier: Apache-2.0
// The two kinds of records, byte by byte. What is on the wire keeps its place for ever: a later version adds at the end.
#pragma once

#include <array>
#include <cstdint>

#include "controlplane/sync/record.h"

namespace tandem::sync {

struct WireRecord {
  std::uint8_t type = 0, length = 0;
  std::array<std::uint8_t, 80> bytes;  // the first `length` of them

  Bytes view() const { return Bytes{bytes}.first(length); }
};

WireRecord lay_out(const SyncRecord& record, Instant now);

// `now` turns how long ago into when.
// False: a type, an operation or a state that we do not know, or fewer bytes than the type has.
bool take_apart(std::uint8_t type, Bytes bytes, SyncRecord& record, Instant now);

}  // namespace tandem::sync
