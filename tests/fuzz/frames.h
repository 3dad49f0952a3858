// SPDX-License-Identifier: Apache-2.0
// Frames that pass the first checks, so that a fuzzer gets beyond them: well-formed ones of every kind that a node between
// clients and servers meets, then bytes overwritten as the input says. The addresses are those of test::two_port_world.
#pragma once

#include <array>

#include "tests/fuzz/choices.h"
#include "tests/support/packet_builder.h"

namespace tandem::fuzz {

inline constexpr std::array<const char*, 3> kGroupMacs{"00:00:5e:00:01:0a", "00:00:5e:00:01:0b", "00:00:5e:00:02:0a"};

test::Bytes choose_frame(Choices& choices);

// Puts right checksums into whatever claims to have any; a frame too short for what it claims stays as it is.
void fix_checksums(test::Bytes& frame);

}  // namespace tandem::fuzz
