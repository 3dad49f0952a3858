// SPDX-License-Identifier: Apache-2.0
// A pair of key and nonce that comes twice gives both plaintexts away (NIST SP 800-38D, 8). No key can be looked at, but zeros,
// sealed, are the keystream itself: the same block twice is the same pair twice.
#include <array>
#include <set>

#include "tests/unit/sync/two_nodes.h"

namespace tandem::sync {
namespace {

using Block = std::array<std::uint8_t, 16>;
constexpr std::size_t kStreams = 4, kEach = 5000;

Block block_of(const std::vector<std::uint8_t>& sealed) {
  Block out;
  std::copy_n(sealed.begin() + sizeof(DatagramHeader), out.size(), out.begin());
  return out;
}

std::string zeros() { return std::string(Block{}.size(), '\0'); }

TEST(Keystream, NoBlockComesTwiceOverStreamsDirectionsAndSessions) {
  TwoNodes nodes;
  std::set<Block> seen;
  std::size_t sealed = 0;
  for (const std::size_t restarted : {TwoNodes::kA, TwoNodes::kB, TwoNodes::kA}) {
    nodes.restart(restarted);
    ASSERT_TRUE(nodes.run_until_established(milliseconds{500}));
    for (const std::size_t from : {TwoNodes::kA, TwoNodes::kB})
      for (std::size_t stream = 0; stream < kStreams; ++stream)
        for (std::size_t i = 0; i < kEach; ++i, ++sealed)
          seen.insert(block_of(nodes.sealed(from, zeros(), {worker_stream(stream), Type::update})));
  }
  EXPECT_EQ(sealed, 3 * 2 * kStreams * kEach);
  EXPECT_EQ(seen.size(), sealed);
}

// The control: two that seal under the same key with the same numbers are seen to.
TEST(Keystream, ARepeatedPairOfKeyAndNonceShowsAsTheSameBlock) {
  Nonces nonces;
  nonces.initiator[0] = 1;
  Epoch one{Secret{}, nonces, Side::initiator, 1}, again{Secret{}, nonces, Side::initiator, 1};
  std::vector<std::uint8_t> first(zeros().size() + kSealBytes), second = first;
  one.seal({worker_stream(0), Type::update}, bytes_of(zeros()), first);
  again.seal({worker_stream(0), Type::update}, bytes_of(zeros()), second);
  EXPECT_EQ(block_of(first), block_of(second));
}

}  // namespace
}  // namespace tandem::sync
