// SPDX-License-Identifier: Apache-2.0
// Whatever comes from the network, no session takes what the peer did not say, and none is ended by it. The first byte says what
// is known to whoever sends the rest: nothing, the epoch in force, or the pair's key (a peer gone mad); or that the rest is the
// records of a payload, or of sums, or a key file.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "common/base/ensure.h"
#include "controlplane/sync/digest_message.h"
#include "controlplane/sync/handshake_message.h"
#include "controlplane/sync/key_text.h"
#include "controlplane/sync/record.h"
#include "controlplane/sync/session.h"

using namespace tandem;
using namespace tandem::sync;

namespace {

Chance counting(std::uint8_t from) {
  return [next = from](std::span<std::uint8_t> into) mutable {
    for (std::uint8_t& byte : into) byte = next++;
  };
}

const PairKeys& pair_keys() {
  static const PairKeys keys = make_keys(counting(1));
  return keys;
}

struct Nodes {
  Session here{pair_keys(), {.name = "lb-b", .boot_id = 2}, counting(77)};
  Session there{pair_keys(), {.name = "lb-a", .boot_id = 1}, counting(33)};
  Instant now{std::chrono::seconds{100}};

  void carry(Session& from, Session& to) {
    for (Outgoing& each : from.take_outgoing()) to.open(each.datagram, now);
  }
  Nodes() {
    there.tick(now);
    for (int i = 0; i < 2; ++i) carry(there, here), carry(here, there);
    ensure(here.established() && there.established() && here.epoch() == there.epoch());
  }
};

void expect_talk(Nodes& nodes) {
  std::uint8_t datagram[kSealBytes + 1] = {};
  const std::uint8_t word[1] = {42};
  ensure(nodes.there.seal({kControlStream, Type::hello}, word, datagram) == sizeof datagram);
  const Opened opened = nodes.here.open(datagram, nodes.now);
  ensure(opened.for_caller() && opened.payload.size() == 1 && opened.payload[0] == 42);
}

// In a buffer that ends where the datagram ends.
Opened open(Nodes& nodes, std::span<const std::uint8_t> bytes) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(exact.get(), bytes.data(), bytes.size());
  Opened opened = nodes.here.open({exact.get(), bytes.size()}, nodes.now);
  opened.payload = {};
  return opened;
}

void from_nowhere(std::span<const std::uint8_t> bytes, bool knows_epoch) {
  Nodes nodes;
  std::vector<std::uint8_t> datagram{bytes.begin(), bytes.end()};
  if (auto header = read_header(datagram); header && knows_epoch) {
    header->epoch = Be32{nodes.here.epoch()};
    write_header(*header, datagram);
  }
  const std::uint32_t epoch = nodes.here.epoch();
  ensure(open(nodes, datagram).reject != Reject::none);
  ensure(nodes.here.epoch() == epoch && nodes.here.rejects().total() == 1);
  expect_talk(nodes);
}

// Any body under a true HMAC.
void from_a_mad_peer(std::span<const std::uint8_t> bytes) {
  Nodes nodes;
  HandshakeBody body;
  std::memcpy(&body, bytes.data(), std::min(sizeof body, bytes.size()));
  for (const Type type : {Type::init, Type::reply, Type::confirm}) open(nodes, write_message(type, body, pair_keys().sending().proof));
  nodes.here.tick(nodes.now);
  expect_talk(nodes);
}

// What was understood is written and read again as the same.
void judge_records(std::span<const std::uint8_t> bytes) {
  RecordReader reader{bytes};
  for (SyncRecord record, again; reader.next(record);) {
    std::uint8_t room[84];
    RecordWriter writer{room};
    ensure(writer.add(record));
    RecordReader second{{room, writer.bytes()}};
    ensure(second.next(again) && again == record);
  }
}

void judge_digests(std::span<const std::uint8_t> bytes) {
  if (const auto question = decode_question(bytes)) ensure(decode_question(encode(*question)) == question);
  const auto answer = decode_answer(bytes);
  if (answer && answer->page) ensure(decode_answer(encode(*answer->page))->page == answer->page);
  if (answer && answer->buckets) ensure(decode_answer(encode(*answer->buckets))->buckets == answer->buckets);
}

void judge_key_text(std::string_view text) {
  const Result<PairKeys> keys = parse_keys(text);
  if (!keys) return;
  const Result<PairKeys> again = parse_keys(print_keys(*keys).text);
  ensure(again && again->cluster == keys->cluster && again->send == keys->send && again->keys.size() == keys->keys.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> rest{data + 1, size - 1};
  switch (data[0] % 5) {
    case 0:
      from_nowhere(rest, false);
      break;
    case 1:
      from_nowhere(rest, true);
      break;
    case 2:
      from_a_mad_peer(rest);
      break;
    case 3:
      judge_records(rest);
      judge_digests(rest);
      break;
    default:
      judge_key_text({reinterpret_cast<const char*>(rest.data()), rest.size()});
  }
  return 0;
}
