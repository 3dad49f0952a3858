// SPDX-License-Identifier: Apache-2.0
// What workers tell the control threads, by rings: small values, copied. What the pair is told: sync_record.h.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "common/net/address.h"

namespace tandem {

// The life of a connection, for TCP from the flags of both directions, for UDP from who has spoken.
enum class ConnState : std::uint8_t { free, half_open, established, fin_wait, time_wait, reset, udp_one_way, udp_two_way };

inline constexpr std::uint8_t kConnException = 1;   // not its first candidate: the schedule alone would not choose it again
inline constexpr std::uint8_t kConnAdopted = 2;     // made from a packet in mid-flow
inline constexpr std::uint8_t kConnDirty = 4;       // changed since the peer was last told
inline constexpr std::uint8_t kConnSynced = 8;      // learned from the peer
inline constexpr std::uint8_t kConnTold = 16;       // the peer was told of it once
inline constexpr std::uint8_t kConnCounted = 32;    // part of the worker's sums (flow_sums.h)
inline constexpr std::uint8_t kConnJudged = 64;     // both nodes had opened it, and its owner has said whose stands
inline constexpr std::uint8_t kConnDisputed = 128;  // its owner has another, which was not taken: the owner's sentence is awaited
inline constexpr std::uint8_t kConnOnWire = kConnException | kConnAdopted | kConnJudged;  // the peer is told of these

enum class ConnHandle : std::uint32_t {};  // an entry's place; names the same connection until that is erased
inline constexpr ConnHandle kNoConn{0xffffffff};

// One connection as the CLI shows it.
struct ConnRecord {
  Protocol protocol{};
  ConnState state{};
  std::uint8_t flags = 0;
  IpAddress client, vip;
  std::uint16_t client_port = 0, vip_port = 0;  // host order
  ServiceId service{};
  BackendSlot backend{};
  std::uint32_t age_ticks = 0, idle_ticks = 0;
  IpAddress source;  // full-nat: what the backend sees as its client
  std::uint16_t source_port = 0;
};

// One to be ended, by what its packets from the client have. For every worker: its owner alone has it.
struct CutOrder {
  Protocol protocol{};
  IpAddress client, vip;
  std::uint16_t client_port = 0, vip_port = 0;  // host order
};

enum class WorkerEventKind : std::uint8_t { neighbour_wanted, table_full, flood_began, flood_ended };

struct WorkerEvent {
  WorkerEventKind kind{};
  WorkerId worker{};
  PortId port{};
  std::uint16_t vlan = 0;
  IpAddress address;  // neighbour_wanted: whose MAC is needed
};

}  // namespace tandem
