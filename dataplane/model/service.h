// SPDX-License-Identifier: Apache-2.0
// One service as the workers see it, found by its id.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/model/backends_by_address.h"
#include "dataplane/model/client_address.h"
#include "dataplane/model/former_schedule.h"
#include "dataplane/model/group.h"
#include "dataplane/model/pool.h"

namespace tandem {

class Schedule;      // dataplane/lb/schedule.h
class ServiceTurns;  // dataplane/lb/turns.h
class LiveSet;       // dataplane/lb/schedule.h
class QuicServers;   // dataplane/lb/quic_servers.h
class ServiceMeter;  // dataplane/model/service_meter.h
struct PrefixRules;  // dataplane/model/prefix_rules.h

inline constexpr ServiceId kNoService{0xffff};

enum class ForwardingMethod : std::uint8_t { nat, l2_dsr, full_nat, ipip, gue };
inline constexpr std::size_t kForwardingMethods = 5;
constexpr bool is_tunnelled(ForwardingMethod method) { return method == ForwardingMethod::ipip || method == ForwardingMethod::gue; }

// One-way methods: replies do not pass us, so the connection's state is inferred from the client's half.
constexpr bool is_one_way(ForwardingMethod method) { return method != ForwardingMethod::nat && method != ForwardingMethod::full_nat; }

// Idle times after which an entry ends, in whole ticks of kTick.
inline constexpr std::chrono::milliseconds kTick{1000};
struct Timeouts {
  std::uint16_t half_open = 5, established = 900, fin = 120, time_wait = 60, reset = 10, udp_one_way = 30, udp_two_way = 300;

  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

// What may come at most, on this node; 0: any number. docs/design/guard.md says what N workers make of it.
struct Limits {
  std::uint32_t connections_cps = 0, packets_pps = 0;                // of all clients together
  std::uint32_t source_connections_cps = 0, source_packets_pps = 0;  // of each client's address

  bool any() const noexcept { return (connections_cps | packets_pps | source_connections_cps | source_packets_pps) != 0; }
  bool packets() const noexcept { return (packets_pps | source_packets_pps) != 0; }
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct ServiceView {
  bool used = false;
  ForwardingMethod method = ForwardingMethod::nat;
  Protocol protocol = Protocol::tcp;
  IpAddress vip;           // of a prefix: its network
  std::uint16_t port = 0;  // of a range: its first
  Timeouts timeouts;
  std::shared_ptr<const Schedule> schedule;    // shared by generations until members or weights change
  std::shared_ptr<ServiceTurns> turns;         // lives as long as the service
  std::shared_ptr<const LiveSet> live;         // by the schedule's member index: who takes new connections
  std::vector<BackendSlot> members;            // slot of each schedule member
  GroupId group = kNoGroup;                    // its VIP's
  std::array<std::vector<PoolSlot>, 2> pools;  // full-nat: its group's addresses, IPv4's and IPv6's
  std::shared_ptr<const BackendsByAddress> by_address;
  ServiceId fallback = kNoService;                         // whose backends take new connections while none of its own may
  std::shared_ptr<const FormerSchedule> former = nullptr;  // null: today's is old enough for every connection
  bool one_packet = false;                                 // UDP: each datagram by the schedule, and no entry
  std::shared_ptr<const QuicServers> quic = nullptr;       // null: connection ids are not looked at
  std::uint16_t more_ports = 0;                            // behind `port`
  ClientAddress client_address = ClientAddress::none;      // full-nat over TCP: what its new connections are told by
  std::shared_ptr<const PrefixRules> rules = nullptr;      // who may not enter here, beside the list for all; null: none
  Limits limits;
  std::shared_ptr<ServiceMeter> meter = nullptr;  // lives as long as the service; null: it has no limits
};

}  // namespace tandem
