// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/hostile.h"

#include <cstring>

#include "tests/support/packet_text.h"

namespace tandem::test {

namespace {

Bytes first(const Bytes& frame, std::size_t bytes) { return Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(bytes)); }

}  // namespace

void Hostile::TearDown() {
  EXPECT_NE(opens({kWeb, 65000}), 0U) << "an ordinary client is no longer served";
  EXPECT_NE(opens({kDns6, 65000}), 0U);
  Scenario::TearDown();
}

Lines Hostile::offer(PortId port, const Bytes& frame, std::uint8_t behind) {
  rte_mbuf* mbuf = to_mbuf(frame);
  std::memset(rte_pktmbuf_mtod_offset(mbuf, std::uint8_t*, mbuf->data_len), behind, rte_pktmbuf_tailroom(mbuf));
  return receive_mbuf(port, mbuf);
}

void Hostile::expect(const Bytes& frame, const Lines& lines, PortId port) {
  const std::uint64_t before = entries();
  for (const std::uint8_t behind : Octets{0x00, 0xff})
    EXPECT_EQ(offer(port, frame, behind), lines) << to_line(frame) << "\n" << to_hex(frame);
  EXPECT_EQ(receive_mbuf(port, to_guarded_mbuf(frame)), lines) << "at the end of its memory: " << to_line(frame) << "\n" << to_hex(frame);
  EXPECT_EQ(entries(), before) << "it made an entry: " << to_line(frame);
}

void Hostile::expect_cut_drop(const Frame& frame, std::size_t bytes, const std::string& reason, PortId port) {
  const Bytes whole = frame.bytes();
  rte_mbuf* mbuf = to_mbuf(whole);
  ASSERT_EQ(rte_pktmbuf_trim(mbuf, static_cast<std::uint16_t>(whole.size() - bytes)), 0);
  EXPECT_EQ(receive_mbuf(port, mbuf), Lines{"drop " + reason}) << to_line(whole) << " cut after " << bytes << " bytes";
  expect_drop(first(whole, bytes), reason, port);
}

}  // namespace tandem::test
