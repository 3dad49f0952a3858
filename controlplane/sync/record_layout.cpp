// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/record_layout.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "common/base/ensure.h"
#include "common/net/byte_order.h"

namespace tandem::sync {
namespace {

constexpr std::uint8_t kIpv4Record = 1, kIpv6Record = 2;
constexpr std::uint16_t kMend = 0x8000;  // among the flags

// Behind the addresses both records are alike.
struct Tail {
  Be16 client_port, vip_port, backend_port, source_port, pool_index, idle_timeout_seconds, term;
  Be16 incarnation_high;
  Be32 incarnation_low;
  std::uint8_t seen = 0, spare = 0;
  Be16 silent_seconds;  // since a packet of it was last seen
};

struct Front {
  std::uint8_t operation_and_state = 0, protocol = 0;
  Be16 flags;
};

struct Ipv4Record {
  Front front;
  Ipv4Address client, vip, backend;
  Tail tail;
};

// Its backend is still to be told the client's address: seldom, so that others are not longer for it.
struct OwingIpv4Record {
  Ipv4Record record;
  Be32 first_byte;
};

struct Ipv6Record {
  Front front;
  Ipv6Address client, vip, backend;  // IPv4 among them is v4-mapped
  Tail tail;
  Be32 first_byte;  // while it owes, else 0
};

static_assert(sizeof(Ipv4Record) == 40 && sizeof(OwingIpv4Record) == 44 && sizeof(Ipv6Record) == 80);
static_assert(static_cast<int>(ConnState::udp_two_way) == 7, "a state's number is on the wire: it stays, and stays below 16");

Front front_of(const SyncRecord& from) {
  const auto operation = static_cast<unsigned>(from.operation), state = static_cast<unsigned>(from.state);
  return {static_cast<std::uint8_t>(operation << 4 | state), static_cast<std::uint8_t>(from.protocol),
          Be16{static_cast<std::uint16_t>(from.flags | (from.mend ? kMend : 0))}};
}

std::uint32_t seconds_of(Instant now) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now.since_start).count());
}

Tail tail_of(const SyncRecord& from, Instant now) {
  ensure(from.incarnation <= kLastIncarnation);
  const std::int64_t silent = std::int64_t{seconds_of(now)} - from.heard_seconds;
  return {.client_port = Be16{from.client_port},
          .vip_port = Be16{from.vip_port},
          .backend_port = Be16{from.backend_port},
          .source_port = Be16{from.source_port},
          .pool_index = Be16{from.pool_index},
          .idle_timeout_seconds = Be16{from.idle_timeout_seconds},
          .term = Be16{from.term},
          .incarnation_high = Be16{static_cast<std::uint16_t>(from.incarnation >> 32)},
          .incarnation_low = Be32{static_cast<std::uint32_t>(from.incarnation)},
          .seen = from.seen,
          .silent_seconds = Be16{static_cast<std::uint16_t>(std::clamp<std::int64_t>(silent, 0, 0xffff))}};
}

// False: an operation, state or protocol of a later version.
bool take_front(const Front& front, SyncRecord& to) {
  const unsigned operation = front.operation_and_state >> 4, state = front.operation_and_state & 15;
  to.operation = static_cast<Operation>(operation), to.state = static_cast<ConnState>(state);
  to.protocol = static_cast<Protocol>(front.protocol), to.mend = (front.flags.host() & kMend) != 0;
  to.flags = static_cast<std::uint16_t>(front.flags.host() & ~kMend);
  const bool known_protocol = to.protocol == Protocol::tcp || to.protocol == Protocol::udp;
  const bool known_operation = (operation >= 1 && operation <= 3) || to.operation == Operation::ask;
  return known_operation && state <= static_cast<unsigned>(ConnState::udp_two_way) && known_protocol;
}

void take_tail(const Tail& tail, SyncRecord& to, Instant now) {
  to.client_port = tail.client_port.host(), to.vip_port = tail.vip_port.host(), to.backend_port = tail.backend_port.host();
  to.source_port = tail.source_port.host(), to.pool_index = tail.pool_index.host();
  to.idle_timeout_seconds = tail.idle_timeout_seconds.host(), to.term = tail.term.host(), to.seen = tail.seen;
  to.heard_seconds = seconds_of(now) - std::min<std::uint32_t>(seconds_of(now), tail.silent_seconds.host());
  to.incarnation = std::uint64_t{tail.incarnation_high.host()} << 32 | tail.incarnation_low.host();
}

// Where nothing is owed a later version may have something else there.
bool take_first_byte(Be32 first_byte, SyncRecord& to) {
  to.first_byte = (to.flags & kRecordOwesAddress) != 0 ? first_byte.host() : 0;
  return true;
}

IpAddress either_family(const Ipv6Address& wire) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  IpAddress address{wire};
  if (std::memcmp(wire.bytes.data(), kMapped.data(), kMapped.size()) == 0) address.family = Family::ipv4;
  return address;
}

bool read_ipv4(Bytes bytes, SyncRecord& to, Instant now) {
  OwingIpv4Record owing{};
  std::memcpy(static_cast<void*>(&owing), bytes.data(), std::min(bytes.size(), sizeof owing));
  const Ipv4Record& record = owing.record;
  to.client = record.client, to.vip = record.vip, to.backend = record.backend;
  take_tail(record.tail, to, now);
  return take_front(record.front, to) && take_first_byte(owing.first_byte, to);
}

bool read_ipv6(Bytes bytes, SyncRecord& to, Instant now) {
  Ipv6Record record;
  std::memcpy(static_cast<void*>(&record), bytes.data(), sizeof record);
  to.client = either_family(record.client), to.vip = either_family(record.vip), to.backend = either_family(record.backend);
  take_tail(record.tail, to, now);
  return take_front(record.front, to) && take_first_byte(record.first_byte, to);
}

template <typename Record>
WireRecord wire(std::uint8_t type, const Record& record) {
  WireRecord out{.type = type, .length = sizeof record};
  std::memcpy(out.bytes.data(), &record, sizeof record);
  return out;
}

bool is_all_ipv4(const SyncRecord& record) {
  return record.client.family == Family::ipv4 && record.vip.family == Family::ipv4 && record.backend.family == Family::ipv4;
}

}  // namespace

WireRecord lay_out(const SyncRecord& record, Instant now) {
  const Front front = front_of(record);
  const Tail tail = tail_of(record, now);
  const Be32 first_byte{record.first_byte};
  if (!is_all_ipv4(record))
    return wire(kIpv6Record, Ipv6Record{front, record.client.v6(), record.vip.v6(), record.backend.v6(), tail, first_byte});
  const Ipv4Record plain{front, record.client.v4(), record.vip.v4(), record.backend.v4(), tail};
  return (record.flags & kRecordOwesAddress) != 0 ? wire(kIpv4Record, OwingIpv4Record{plain, first_byte}) : wire(kIpv4Record, plain);
}

bool take_apart(std::uint8_t type, Bytes bytes, SyncRecord& record, Instant now) {
  if (type == kIpv4Record && bytes.size() >= sizeof(Ipv4Record)) return read_ipv4(bytes, record, now);
  return type == kIpv6Record && bytes.size() >= sizeof(Ipv6Record) && read_ipv6(bytes, record, now);
}

}  // namespace tandem::sync
