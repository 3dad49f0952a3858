// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/record.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tandem::sync {
namespace {

Ipv4Address v4(std::uint32_t value) { return {Be32{value}}; }

SyncRecord web_flow() {
  SyncRecord record;
  record.state = ConnState::established, record.protocol = Protocol::tcp, record.flags = kConnException;
  record.client = v4(0xc6336407), record.vip = v4(0xcb00710a), record.backend = v4(0x0a14000c);
  record.client_port = 51515, record.vip_port = 80, record.backend_port = 8080, record.source_port = 20'001, record.pool_index = 3;
  record.idle_timeout_seconds = 900, record.term = 7, record.incarnation = 0x123456789abc;
  record.seen = kSeenSynClient | kSeenSynBackend | kSeenAckClient;
  return record;
}

SyncRecord flow_over_ipv6() {
  SyncRecord record = web_flow();
  record.client = Ipv6Address{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}};
  record.operation = Operation::remove;
  return record;
}

std::vector<SyncRecord> read_all(Bytes payload, std::size_t passed_by = 0, bool broken = false) {
  RecordReader reader{payload};
  std::vector<SyncRecord> all;
  for (SyncRecord each; reader.next(each);) all.push_back(each);
  EXPECT_EQ(reader.passed_by(), passed_by);
  EXPECT_EQ(reader.is_broken(), broken);
  return all;
}

TEST(Record, IsReadAsItWasWritten) {
  std::vector<std::uint8_t> room(1000);
  RecordWriter writer{room};
  const std::vector<SyncRecord> written{web_flow(), web_flow(), flow_over_ipv6(), web_flow()};
  for (const SyncRecord& each : written) ASSERT_TRUE(writer.add(each));
  EXPECT_EQ(writer.count(), 4);
  EXPECT_EQ(writer.bytes(), 3 * 4 + 3 * 40 + 80u) << "three runs: IPv4, a mixed one, IPv4";
  EXPECT_EQ(read_all(Bytes{room}.first(writer.bytes())), written);
  EXPECT_TRUE(read_all({}).empty());
}

// Four bytes more, of those alone; what was told before says so for ever, since a SYN may come again.
TEST(Record, ABackendThatIsToBeToldItsClientIsToldWithTheFirstByte) {
  SyncRecord owing = web_flow(), six = flow_over_ipv6(), told = web_flow();
  owing.flags = six.flags = static_cast<std::uint16_t>(kConnException | record_flags_of(ClientAddress::proxy_v2, true));
  owing.first_byte = 0xfffffff0, six.first_byte = 7;
  told.flags = record_flags_of(ClientAddress::toa, false);
  std::vector<std::uint8_t> room(1000);
  RecordWriter writer{room};
  const std::vector<SyncRecord> written{web_flow(), owing, owing, told, six};
  for (const SyncRecord& each : written) ASSERT_TRUE(writer.add(each));
  EXPECT_EQ(writer.bytes(), 4 * 4 + 40 + 2 * 44 + 40 + 80u) << "a run for each length";
  EXPECT_EQ(read_all(Bytes{room}.first(writer.bytes())), written);
  EXPECT_EQ(tells_of(owing.flags), ClientAddress::proxy_v2);
  EXPECT_EQ(tells_of(told.flags), ClientAddress::toa);
}

// Each node counts seconds from a start of its own.
TEST(Record, HowLongAConnectionWasSilentIsReadByTheReadersClock) {
  const auto at = [](std::int64_t seconds) { return Instant{std::chrono::seconds{seconds}}; };
  SyncRecord flow = web_flow();
  flow.heard_seconds = 990;
  std::vector<std::uint8_t> room(100);
  RecordWriter writer{room, at(1000)};
  ASSERT_TRUE(writer.add(flow));
  const auto heard = [&](std::int64_t now) {
    RecordReader reader{Bytes{room}.first(writer.bytes()), at(now)};
    SyncRecord read;
    EXPECT_TRUE(reader.next(read));
    return read.heard_seconds;
  };
  EXPECT_EQ(heard(5000), 4990U);
  EXPECT_EQ(heard(4), 0U) << "before the reader's clock began";
}

TEST(Record, AQuestionAndAnswerByOrderOfTheSumsAreToldFromOthers) {
  std::vector<std::uint8_t> room(100);
  RecordWriter writer{room};
  SyncRecord ask = web_flow(), answer = web_flow();
  ask.operation = Operation::ask, ask.mend = answer.mend = true;
  ASSERT_TRUE(writer.add(ask) && writer.add(answer));
  EXPECT_EQ(read_all(Bytes{room}.first(writer.bytes())), (std::vector<SyncRecord>{ask, answer}));
}

TEST(Record, ThirtyFiveOfIpv4FillADatagramOfFifteenHundredBytes) {
  std::vector<std::uint8_t> room(1500 - 20 - 8 - 24 - 16);
  RecordWriter writer{room};
  while (writer.add(web_flow())) {
  }
  EXPECT_EQ(writer.count(), 35);
  EXPECT_EQ(read_all(Bytes{room}.first(writer.bytes())).size(), 35u);
}

TEST(Record, StandsOnTheWireInTheOrderOfTheManual) {
  std::vector<std::uint8_t> room(44);
  RecordWriter writer{room};
  ASSERT_TRUE(writer.add(web_flow()));
  const std::vector<std::uint8_t> expected{1,    40,   1,    0,  // a run: type, length, count
                                           0x12, 6,    0,    1,  // put, established, TCP, exception
                                           198,  51,   100,  7,    203,  0,    113,  10,   10, 20, 0, 12,  // client, VIP, backend
                                           0xc9, 0x3b, 0,    80,   0x1f, 0x90, 0x4e, 0x21,          // ports: client, VIP, backend, source
                                           0,    3,    0x03, 0x84, 0,    7,                         // pool, timeout, term
                                           0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 7,    0,    0,  0};  // incarnation, seen, spare
  EXPECT_EQ(room, expected);
}

TEST(Record, WhatALaterVersionAddsIsPassedBy) {
  std::vector<std::uint8_t> room(400);
  RecordWriter writer{room};
  ASSERT_TRUE(writer.add(web_flow()));
  const std::vector<std::uint8_t> record{room.begin() + 4, room.begin() + 44};
  std::vector<std::uint8_t> payload{1, 48, 2, 0};  // two longer records of a type we know
  for (int i = 0; i < 2; ++i) payload.insert(payload.end(), record.begin(), record.end()), payload.insert(payload.end(), 8, 0xee);
  payload.insert(payload.end(), {9, 5, 3, 0}), payload.insert(payload.end(), 15, 0xee);  // three of a type we do not
  payload.insert(payload.end(), {1, 40, 2, 0});
  payload.insert(payload.end(), record.begin(), record.end()), payload.insert(payload.end(), record.begin(), record.end());
  payload[payload.size() - 80] = 0xf2;  // an operation we do not know
  EXPECT_EQ(read_all(payload, 4), (std::vector<SyncRecord>{web_flow(), web_flow(), web_flow()}));
}

TEST(Record, AShorterOneThanItsTypeAsksForIsPassedByAndABrokenEndIsToldFromANormalOne) {
  std::vector<std::uint8_t> payload{1, 39, 1, 0};
  payload.insert(payload.end(), 39, 0x11);
  EXPECT_TRUE(read_all(payload, 1).empty());
  payload.pop_back();
  EXPECT_TRUE(read_all(payload, 0, true).empty());
  EXPECT_TRUE(read_all(std::vector<std::uint8_t>{1, 40}, 0, true).empty());
  EXPECT_TRUE(read_all(std::vector<std::uint8_t>(400, 0)).empty()) << "runs of nothing";
  EXPECT_TRUE(read_all(std::vector<std::uint8_t>{1, 0, 255, 0}, 255).empty()) << "records of nothing";
}

TEST(Record, AnyBytesAreReadToTheirEndAndNoFurther) {
  std::mt19937_64 random{11};
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint8_t> payload(random() % 200);
    for (std::uint8_t& byte : payload) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? 1 : random());
    RecordReader reader{payload};
    std::size_t read = 0;
    for (SyncRecord each; reader.next(each);) ++read;
    ASSERT_LE(read, payload.size() / 40);
  }
}

TEST(Record, AFullPayloadTakesNoMore) {
  std::vector<std::uint8_t> room(43), large(20'000);
  RecordWriter small{room}, counted{large};
  EXPECT_FALSE(small.add(web_flow()));
  EXPECT_EQ(small.bytes(), 0u);
  for (int i = 0; i < 255; ++i) ASSERT_TRUE(counted.add(web_flow()));
  EXPECT_FALSE(counted.add(web_flow())) << "the datagram's count has one byte";
}

}  // namespace
}  // namespace tandem::sync
