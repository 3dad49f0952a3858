// SPDX-License-Identifier: Apache-2.0
// What would become of a packet if it came now, worked out without it (pipeline/rehearsal.h): the question, and the answer in ids,
// which the control plane puts names to. Values, copied.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/conn/events.h"
#include "dataplane/model/backend.h"
#include "dataplane/model/service.h"
#include "dataplane/stats/counters.h"

namespace tandem {

struct FlowQuestion {
  Protocol protocol = Protocol::tcp;  // or udp
  Endpoint source, target;
  std::optional<PortId> port;  // that it comes by; none: the one that its source is routed to
  bool mid_flow = false;       // TCP: an ACK, not a SYN, also where the flow has no entry
};

// Whose packet it is. client: to a VIP. backend: from one of nat. pool: to a source address of full-nat. node: nobody's of these.
enum class FlowRole : std::uint8_t { client, backend, pool, node };

// The entry that it meets.
struct MetEntry {
  ConnState state = ConnState::free;  // free: there is none
  std::uint8_t flags = 0;
  BackendSlot backend = kNoBackend;
  ServiceId service = kNoService;
  std::uint32_t age_ticks = 0, idle_ticks = 0;

  explicit operator bool() const noexcept { return state != ConnState::free; }
};

// One of the scheduler's two candidates, or another that was chosen, as it stood before.
struct Contender {
  BackendSlot slot = kNoBackend;
  bool live = false;              // takes new connections
  double turns = 0;               // above the service's mean
  std::uint64_t connections = 0;  // over all workers
};

enum class FlowFate : std::uint8_t { sent, held, punted, to_pair, handed_over, dropped };

struct ExplainedFlow {
  std::uint64_t generation = 0;
  FlowRole role = FlowRole::node;
  PortId port{};
  std::uint16_t vlan = 0;
  std::uint8_t tcp_flags = 0;                           // that were taken for it
  WorkerId worker{};                                    // the owner of its connection
  bool any_worker = false;                              // one-way, and new: the owner will be whoever's queue its NIC chooses
  ServiceId service = kNoService, lender = kNoService;  // lender: whose backends; the service itself, or its fallback

  MetEntry met;
  bool decides = false;  // a schedule was asked: the three below say something
  Contender first, second, chosen;
  std::optional<InsertFailure> failure;  // why no entry was made, or not for the one chosen first
  std::optional<OrphanDecision> orphan;  // it was decided without an entry, or as one in mid-flow
  MetEntry made;                         // the entry that it has afterwards

  FlowFate fate = FlowFate::dropped;
  DropReason reason = DropReason::count_;
  PuntClass punt_class{};
  bool to_peer = false;  // sent to the other node, which has the group
  BackendSlot backend = kNoBackend;
  PortId out{};
  IpAddress next_hop;
  MacAddress next_mac{};
  Endpoint left_source, left_target;  // outermost addresses; ports where there are any
  std::vector<std::uint8_t> frame;    // as it leaves, or is kept
};

}  // namespace tandem
