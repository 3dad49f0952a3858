// SPDX-License-Identifier: Apache-2.0
// What is said of services of datagrams that make no sense.
#include "tests/unit/config/codes_support.h"

namespace tandem::config {
namespace {

// Two sound services of udp, "s" from line 4, whose further lines begin at 7, and "other" behind it.
std::string two_services(std::string_view more_of_s, std::string_view more_of_backend = "",
                         std::string_view listens = "203.0.113.10:53/udp", std::string_view other_server = "10.0.0.2:53",
                         std::string_view more_of_other = "", std::string_view server = "10.0.0.1:53") {
  std::string text = "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n[[service]]\nname = \"s\"\nlisten = [\"";
  text.append(listens).append("\"]\n").append(more_of_s).append("[[service.backend]]\nname = \"b\"\naddress = \"").append(server);
  text.append("\"\n")
      .append(more_of_backend)
      .append("[[service]]\nname = \"other\"\nlisten = \"203.0.113.11:53/udp\"\n")
      .append(more_of_other);
  return text.append("[[service.backend]]\nname = \"b\"\naddress = \"").append(other_server).append("\"\n");
}

void expect_one_packet(std::string_view sentence, const std::string& text) { expect_only({"E341", 7, 14, sentence, text}, read(text)); }

void expect_quic(std::string_view sentence, const std::string& text) {
  const ReadOutcome outcome = read(text);
  ASSERT_EQ(outcome.diagnostics.size(), 1u) << summary(outcome);
  EXPECT_EQ(info(outcome.diagnostics.front().code).name, "E342") << summary(outcome);
  EXPECT_EQ(outcome.diagnostics.front().text, sentence);
  seen().insert("E342");
}

constexpr std::string_view kOne = "one_packet = true\n";
std::string one(std::string_view more) { return std::string{kOne}.append(more); }

TEST(Codes, E341OnePacketNeedsAnswersThatAreKnownByTheirServerAlone) {
  EXPECT_EQ(summary(read(two_services(kOne))), "");
  expect_one_packet("one_packet is for services of udp alone", two_services(kOne, "", "203.0.113.10:53/tcp"));
  expect_one_packet("one_packet with least-connections: there are none to count", two_services(one("scheduler = \"least-connections\"\n")));
  expect_one_packet("one_packet with nat needs a service for each listen address: an answer would be of any of them",
                    two_services(kOne, "", "203.0.113.10:53/udp\", \"203.0.113.12:53/udp"));
  expect_one_packet("one_packet with nat: service \"other\" has one of its backends too, so an answer would be of either",
                    two_services(kOne, "", "203.0.113.10:53/udp", "10.0.0.1:53"));
  expect_one_packet("one_packet with nat and a fallback: an answer would be of either service",
                    two_services(one("fallback = \"other\"\n")));
  expect_one_packet("one_packet with nat and a fallback: an answer would be of either service",
                    two_services(kOne, "", "203.0.113.10:53/udp", "10.0.0.2:53", "fallback = \"s\"\n"));
  expect_one_packet("one_packet with nat and a prefix: an answer would not tell which of its addresses was asked",
                    two_services(kOne, "", "203.0.113.64/28:53/udp"));
  expect_one_packet("one_packet with nat and all ports: what such a server sends may be an answer or its own question",
                    two_services(kOne, "", "203.0.113.10:*/udp"));
  expect_one_packet("one_packet with nat and a range needs backends without a port: an answer would not tell which port was asked",
                    two_services(kOne, "", "203.0.113.10:53-60/udp"));
  EXPECT_EQ(summary(read(two_services(kOne, "", "203.0.113.10:53-60/udp", "10.0.0.2:53", "", "10.0.0.1"))), "");
  expect_one_packet("one_packet with nat: service \"other\" has one of its backends too, so an answer would be of either",
                    two_services(kOne, "", "203.0.113.10:50-60/udp", "10.0.0.1:53", "", "10.0.0.1"));
  const std::string direct = one("forwarding = \"l2-dsr\"\n");
  EXPECT_EQ(summary(read(two_services(direct, "", "203.0.113.10:53/udp", "10.0.0.1:53"))), "") << "whose answers never pass us";
}

TEST(Codes, E342QuicsServersMustBeToldApart) {
  const std::string_view form = "quic_cid = { config_id = 1, server_id_bytes = 2, nonce_bytes = 5 }\n";
  EXPECT_EQ(summary(read(two_services(form, "server_id = \"0a01\"\n"))), "");
  expect_quic("backend \"b\" needs a server_id of 2 bytes", two_services(form));
  expect_quic("backend \"b\" needs a server_id of 2 bytes, got 1", two_services(form, "server_id = \"0a\"\n"));
  expect_quic("server_id 0a01 is already backend \"b\"'s",
              two_services(form,
                           "server_id = \"0a01\"\n[[service.backend]]\nname = \"c\"\naddress = \"10.0.0.3:53\"\nserver_id = \"0A01\"\n"
                           "[service.check]\ntype = \"tcp\"\nport = 53\n"));
  expect_quic("quic_cid is for services of udp alone", two_services(form, "server_id = \"0a01\"\n", "203.0.113.10:53/tcp"));
  expect_quic("a connection id has 20 bytes at most: one, server_id_bytes and nonce_bytes are 21",
              two_services("quic_cid = { server_id_bytes = 2, nonce_bytes = 18 }\n", "server_id = \"0a01\"\n"));
  EXPECT_EQ(summary(read(two_services("", "server_id = \"0a\"\n"))), "") << "servers may be named before anybody looks";
}

TEST(Codes, E343AServerIdIsBytesInHexadecimal) {
  for (const char* wrong : {"", "0", "0g", "0a0", "0x0a", "000102030405060708090a0b0c0d0e0f"}) {
    const ReadOutcome outcome = read(two_services("quic_cid = {}\n", "server_id = \"" + std::string{wrong} + "\"\n"));
    EXPECT_NE(summary(outcome).find("E343"), std::string::npos) << wrong << "\n" << summary(outcome);
  }
  seen().insert("E343");
}

}  // namespace
}  // namespace tandem::config
