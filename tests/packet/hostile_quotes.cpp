// SPDX-License-Identifier: Apache-2.0
// ICMP errors that nobody decent sends: quotes that are cut, that lie, that are made up. tests/unit/packet/quote_test.cpp has every
// length and shape of a quote; here is what becomes of the packet.
#include "tests/packet/hostile.h"
#include "tests/packet/icmp_site.h"

namespace tandem::test {
namespace {

class HostileQuotes : public Hostile {
 protected:
  HostileQuotes() {
    server_ = opens(kFlow);
    server6_ = opens(kFlow6);
  }
  void expect_bad(const Frame& quoted, const std::string& reason = "bad_icmp_quote") {
    expect_drop(about(error(), {3, 1}, quoted), reason);
  }
  static Frame error() { return from_router(kFlow); }
  static inline const Flow kFlow{kWeb, 40000}, kFlow6{kWeb6, 40000};
  unsigned server_ = 0, server6_ = 0;
};

TEST_F(HostileQuotes, CutBeforeTheyTellAnything) {
  for (std::size_t bytes = 0; bytes < 28; ++bytes) expect_drop(about(error(), {3, 1}, answer_on_its_way(kFlow), bytes), "bad_icmp_quote");
  for (std::size_t bytes = 0; bytes < 48; ++bytes)
    expect_drop(about(from_router(kFlow6), {1, 0}, answer_on_its_way(kFlow6), bytes), "bad_icmp_quote");
}

TEST_F(HostileQuotes, FramesCutInTheQuote) {
  const Frame whole = about(error(), {3, 1}, answer_on_its_way(kFlow));
  for (const std::size_t bytes : {14 + 20 + 8, 14 + 20 + 8 + 19, 14 + 20 + 8 + 27}) expect_cut_drop(whole, bytes, "truncated");
}

TEST_F(HostileQuotes, ThatTheirTargetCannotHaveSent) {
  expect_bad(frame().ip("10.0.0.101", "10.0.0.5").tcp(80, 40000, kTcpAck));  // another VIP
  expect_bad(frame().ip("198.51.100.1", "10.0.0.5").tcp(80, 40000, kTcpAck));
  expect_bad(from_client(kFlow));  // what came to it
  const Frame by_stranger = frame().eth(kNode1, server_mac(server_)).ip(address_of(kWeb, server_), "10.0.0.9");
  expect_drop(about(by_stranger, {3, 3}, at_server(kFlow, server_)), "bad_icmp_quote", kP1);
}

TEST_F(HostileQuotes, OfErrorsAndOfOtherProtocols) {
  expect_bad(about(frame().ip("10.0.0.100", "10.0.0.5"), {3, 1}, from_client(kFlow)), "icmp_error_unknown_flow");
  expect_bad(frame().ip("10.0.0.100", "10.0.0.5").protocol(47).payload(40), "icmp_error_unknown_flow");
  expect_bad(answer_on_its_way(kFlow).fragment(1480, true), "icmp_quotes_fragment");
}

TEST_F(HostileQuotes, OfAnotherFamily) {
  expect_bad(answer_on_its_way(kFlow6));
  expect_drop(about(from_router(kFlow6), {1, 0}, answer_on_its_way(kFlow)), "bad_icmp_quote");
}

TEST_F(HostileQuotes, ExtensionsWithoutEnd) {
  Frame chain = answer_on_its_way(kFlow6);
  for (unsigned i = 0; i < 7; ++i) chain.extension(60);
  expect_drop(about(from_router(kFlow6), {1, 0}, chain), "bad_icmp_quote");
  expect_drop(about(from_router(kFlow6), {1, 0}, answer_on_its_way(kFlow6).extension(60, Bytes(1022, 0)), 200), "bad_icmp_quote");
}

TEST_F(HostileQuotes, WrongSumsAreSeenBeforeTheyAreMadeRight) {
  for (const auto& [flow, at] : {std::pair{kFlow, 34U}, {kFlow6, 54U}}) {
    const Complaint complaint{static_cast<std::uint8_t>(is_ipv6(flow.service) ? 1 : 3), 1};
    const Frame good = about(from_router(flow), complaint, answer_on_its_way(flow));
    for (const std::size_t byte : {at + 1, at + 2, at + 5, at + 8 + 12, at + 8 + 16})
      expect_drop(Frame{good}.edit([byte](Bytes& bytes) { bytes[byte] ^= 0x20; }), "bad_icmp_checksum");
  }
}

TEST_F(HostileQuotes, FromNobodysAddressAndFromOurOwn) {
  for (const char* source : {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"})
    expect_drop(about(frame().eth(kNode0, kClient).ip(source, "10.0.0.100"), {3, 1}, answer_on_its_way(kFlow)), "martian_source");
  expect_drop(about(frame().eth(kNode0, kClient).ip("10.0.0.101", "10.0.0.100"), {3, 1}, answer_on_its_way(kFlow)), "source_is_vip");
}

TEST_F(HostileQuotes, ErrorsThatAreNotCarried) {
  for (const std::uint8_t type : Octets{4, 5}) expect_drop(about(error(), {type, 0}, answer_on_its_way(kFlow)), "unsupported_protocol");
  for (const std::uint8_t type : Octets{0, 5, 100, 127})
    expect_drop(about(from_router(kFlow6), {type, 0}, answer_on_its_way(kFlow6)), "unsupported_protocol");
}

TEST_F(HostileQuotes, AFragmentedErrorIsAFragment) {
  expect_drop(about(error().fragment(0, true), {3, 1}, answer_on_its_way(kFlow)), "unsupported_protocol");
}

TEST_F(HostileQuotes, ToEverybody) {
  expect_punt(about(frame().eth("01:00:5e:00:00:64", kClient).ip("10.0.0.5", "10.0.0.100"), {3, 1}, answer_on_its_way(kFlow)), "rest");
}

}  // namespace
}  // namespace tandem::test
