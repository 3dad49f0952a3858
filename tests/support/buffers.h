// SPDX-License-Identifier: Apache-2.0
// Real packet buffers without hugepages or privileges: EAL is started once in a test process, with one pool.
#pragma once

#include <cstddef>
#include <span>

#include "dataplane/packet/packet.h"
#include "tests/support/packet_builder.h"

namespace tandem::test {

inline constexpr std::size_t kTestBuffers = 8191, kTestBufferBytes = 2048;

// Buffers that are out at this moment: 0 at a test's end, or somebody lost one.
std::size_t buffers_in_use();

rte_mempool* test_pool();
rte_mbuf* to_mbuf(std::span<const std::uint8_t> frame);
rte_mbuf* to_chain(std::span<const std::uint8_t> frame, std::size_t first_segment_bytes);  // two segments

// In memory of its own that ends with the frame, at a page without access: no room behind it, and nothing that may be read.
rte_mbuf* to_guarded_mbuf(std::span<const std::uint8_t> frame);

Bytes bytes_of(const rte_mbuf* mbuf);  // all segments
Bytes take(rte_mbuf* mbuf);            // the same, and frees it

}  // namespace tandem::test
