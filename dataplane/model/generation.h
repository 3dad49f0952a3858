// SPDX-License-Identifier: Apache-2.0
// One immutable, numbered root over everything the workers read. Built by a control thread, published by one pointer,
// retired when every worker has moved on. Parts are shared between generations, so that a neighbour's change rebuilds
// nothing but the adjacencies. Never edited once published (turns and cursors behind `ServiceView::turns` are atomics).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "common/net/siphash.h"
#include "dataplane/model/adjacency.h"
#include "dataplane/model/backend.h"
#include "dataplane/model/group.h"
#include "dataplane/model/guard_view.h"
#include "dataplane/model/pool.h"
#include "dataplane/model/routes.h"
#include "dataplane/model/service.h"
#include "dataplane/model/tunnel.h"
#include "dataplane/model/vip_index.h"

namespace tandem {

inline constexpr std::size_t kMaxPorts = 32, kMaxServices = 4096, kMaxBackendSlots = 16384, kMaxWorkers = 64, kMaxAdjacencies = 32768;
inline constexpr std::size_t kOwnerSlots = 256;

// How frames for the node itself reach its kernel (design.md, kernel twin). none: pcap, memif, null.
enum class TwinKind : std::uint8_t { none, copied, steered, tap };

struct PortView {
  MacAddress mac;                  // the node MAC on this port
  std::uint16_t mtu_bytes = 1500;  // of the IP packet
  TwinKind twin = TwinKind::none;
  bool up = true;
  std::vector<Prefix> addresses;     // the node's own on this port
  std::vector<std::uint16_t> vlans;  // tags served; empty: untagged alone
  std::vector<VirtualMac> virtual_macs;
  std::vector<PeerOnLan> peers;

  friend bool operator==(const PortView&, const PortView&) = default;
};

struct Keys {
  SipKey table;      // client end and protocol: index of the table, owner
  SipKey schedule;   // 5-tuple: candidates
  SipKey fragments;  // addresses, identification and protocol: who gathers a datagram's fragments
};

// How the pair's own traffic is told from others'. Off: VRRP is the kernel's, and no UDP is ours.
struct PairTraffic {
  bool on = false;
  std::uint16_t udp_port = 0;  // hellos and sync between the nodes' own addresses

  friend bool operator==(const PairTraffic&, const PairTraffic&) = default;
};

struct Generation {
  std::uint64_t number = 0;
  Keys keys;
  std::array<WorkerId, kOwnerSlots> owners{};  // by the top bits of the client-end hash
  std::uint16_t route_version = 0;             // grows when a remembered client adjacency may be wrong
  PairTraffic pair;
  std::uint32_t cuts = 0;                              // grows when a backend's fate becomes `cut`: workers go through their tables
  std::shared_ptr<const std::vector<PortView>> ports;  // by PortId
  std::shared_ptr<const VipIndex> index;
  std::shared_ptr<const std::vector<ServiceView>> services;    // by ServiceId
  std::shared_ptr<const std::vector<BackendView>> backends;    // by BackendSlot
  std::shared_ptr<const std::vector<Adjacency>> backend_hops;  // by BackendSlot, so that forwarding reads one line
  std::shared_ptr<const std::vector<TunnelView>> tunnels;      // by BackendSlot; empty while nobody is behind a tunnel
  std::shared_ptr<const std::vector<PoolView>> pools;          // by PoolSlot; empty while nothing is full-nat
  std::shared_ptr<const std::vector<Adjacency>> adjacencies;   // by AdjacencyId: gateways, clients on link
  std::shared_ptr<const Routes> routes;
  std::shared_ptr<const std::vector<IpAddress>> known_sources;  // sorted: backends, gateways, peers: punt class `known`
  std::shared_ptr<const std::vector<GroupView>> groups;         // by GroupId; empty: no pair, every VIP is ours alone
  std::shared_ptr<const GuardView> guard;                       // null: nobody is denied
};

}  // namespace tandem
