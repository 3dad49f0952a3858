// SPDX-License-Identifier: Apache-2.0
// What a configuration file says, after reading and before any of it is resolved: plain values, defaults filled in.
// docs/configuration.md and configs/tandem.toml show every key; read.cpp fills this, validate.cpp judges it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/net/address.h"
#include "common/net/port_range.h"
#include "dataplane/lb/quic_servers.h"
#include "dataplane/lb/schedule.h"
#include "dataplane/model/group.h"
#include "dataplane/model/service.h"
#include "dataplane/model/tunnel.h"

namespace tandem::config {

using std::chrono::milliseconds;

struct Node {
  std::string name = "node";
  std::vector<IpAddress> pool;  // source addresses for full-nat of services without a group
};

enum class Idle : std::uint8_t { spin, adaptive };
enum class Hugepages : std::uint8_t { automatic, on, off };

struct PuntRates {
  std::uint32_t control_pps = 2000, known_pps = 10000, rest_pps = 1000;
};

struct Dataplane {
  std::vector<unsigned> cores;      // one worker each; empty: `workers` unpinned ones
  std::optional<unsigned> workers;  // without cores and workers: the smallest queue count of the ports
  Idle idle = Idle::spin;
  std::uint64_t connections = 1'000'000;  // room for IPv4 connections, all workers together
  std::uint64_t connections_ipv6 = 250'000;
  Hugepages hugepages = Hugepages::automatic;
  std::uint32_t buffers = 0;              // packet buffers; 0: computed from ports, queues and workers
  std::uint32_t icmp_errors_pps = 1000;   // as a Linux host makes: senders learn their path's MTU, and it amplifies nobody's attack
  std::uint32_t adoptions_pps = 100'000;  // a million connections are back ten seconds after a lone restart, retries included
  PuntRates punt;
};

// By which MAC a group's addresses are reached: one of its own that moves with it (RFC 9568 7.3), or the port's.
enum class GroupMac : std::uint8_t { virtual_mac, node_mac };

// The other node on one LAN of a port: "203.0.113.3", "203.0.113.3@10" on VLAN 10.
struct PeerAddress {
  IpAddress address;
  std::uint16_t vlan = 0;
};

// An address of the node's own on one LAN of a port: "10.0.0.1/24", "10.0.10.1/24@10" on VLAN 10.
struct OwnAddress : Prefix {
  std::uint16_t vlan = 0;

  OwnAddress() = default;
  OwnAddress(const Prefix& prefix, std::uint16_t tag = 0) : Prefix{prefix}, vlan{tag} {}
};

// Which fields of a packet choose its queue, where the device has RSS. One end's alone: the client's, on ports towards clients
// (source) and towards nat servers (destination).
enum class Rss : std::uint8_t { flow, source, destination };

struct Port {
  std::string name;
  // "0000:3b:00.0", "af_packet:eth1", "af_xdp:eth1", "tap:t0", "memif:/run/m.sock[,client]", "virtio_user:/run/v.sock[,server]",
  // "vhost:/run/v.sock[,client]", "bonding:lacp,MEMBER,MEMBER", "pcap:in,out", "null", raw vdev
  std::string device;
  std::optional<MacAddress> mac;  // ports whose device has no MAC of its own to use (pcap, null, memif)
  std::uint16_t mtu_bytes = 1500;
  std::vector<OwnAddress> address;  // ports without a kernel twin: what the kernel would have said
  std::map<IpAddress, MacAddress> neighbour;
  std::map<Prefix, IpAddress> route;
  std::vector<std::uint16_t> vlan;
  std::optional<unsigned> queues;  // default: as many as workers, where the device allows
  Rss rss = Rss::flow;
  std::vector<PeerAddress> peer_address;
  std::optional<GroupMac> group_mac;  // default: [ha] mac
};

enum class CheckType : std::uint8_t { none, tcp, http, https };

// Which address a check asks for at the backend: its own, or the VIP, as a client's packet does there (one-way methods).
enum class CheckVia : std::uint8_t { backend, vip };

struct Check {
  CheckType type = CheckType::none;  // none: backends are up until told otherwise
  std::string path = "/";
  std::string host;                // Host header; empty: the backend's address
  std::string expect = "200-399";  // "200", "200-299", "200,204"
  milliseconds interval{1000}, timeout{500};
  unsigned rise = 2, fall = 3;
  double jitter = 0.1;                // share of the interval
  std::optional<std::uint16_t> port;  // default: the backend's
  std::string ca;                     // https: PEM file; empty: the system's
  std::string sni;                    // https: server name; empty: `host`
  bool verify = true;
  CheckVia via = CheckVia::backend;
};

// What a backend's server puts into its QUIC connection ids: "0a01".
struct ServerId {
  std::vector<std::uint8_t> bytes;  // empty: none

  friend bool operator==(const ServerId&, const ServerId&) = default;
};

struct Backend {
  std::string name;
  Endpoint address;          // port 0: the one that its client asked for
  std::uint16_t weight = 1;  // 0…256; 0 drains
  ServerId server_id = {};   // of a service with quic_cid
};

// An address or a prefix, and a port, a range or all: "203.0.113.10:80/tcp", "203.0.113.64/28:8000-8099/tcp", "203.0.113.11:*/udp".
struct Listen {
  IpAddress address;       // of a prefix: its network
  std::uint16_t port = 0;  // of a range: its first
  Protocol protocol = Protocol::tcp;
  std::uint16_t more_ports = 0;
  std::uint8_t host_bits = 0;  // how many of the address' bits a prefix leaves open

  bool is_exact() const { return more_ports == 0 && host_bits == 0; }
  PortRange ports() const { return {port, more_ports}; }
  Prefix prefix() const { return {address, static_cast<std::uint8_t>(address.bits() - host_bits)}; }
  friend auto operator<=>(const Listen&, const Listen&) = default;
};

// pair: hellos decide, VRRP is what third parties see. vrrp: elected by RFC 9568 alone, beside keepalived.
enum class HaMode : std::uint8_t { pair, vrrp };

enum class VrrpTo : std::uint8_t { multicast, unicast };

struct Ha {
  HaMode mode = HaMode::pair;
  std::optional<milliseconds> advert_interval;  // none: "auto", 50 ms where workers own isolated cores, else 200 ms
  GroupMac mac = GroupMac::virtual_mac;
  milliseconds start_delay{5'000};  // alone at start: how long we listen before we take a group
  milliseconds peer_gone{60'000};   // alone: from when on the peer's half of full-nat ports is ours
  VrrpTo vrrp = VrrpTo::multicast;  // unicast: to the peer's addresses alone, where a network carries no multicast
  bool preempt = true;              // a preferred node takes its group back once it is in step

  friend bool operator==(const Ha&, const Ha&) = default;
};

// A LAN as the configuration names it: a port, or a port and a VLAN tag: "outside", "outside.10".
struct LanName {
  std::string port;
  std::uint16_t vlan = 0;

  friend auto operator<=>(const LanName&, const LanName&) = default;
};

struct Group {
  std::string name;
  std::string prefer;                    // a node's name; empty: none is preferred
  std::map<LanName, std::uint8_t> vrid;  // VRRP's router id, 1…255, on each LAN the group is on
  std::vector<Prefix> gateway;           // the servers' way home with nat
  std::vector<IpAddress> pool;           // source addresses for full-nat
  Transit transit = Transit::drop;

  friend bool operator==(const Group&, const Group&) = default;
};

inline constexpr std::uint16_t kPairPort = 18264;

// The way between the two nodes that is not a LAN of services, and what both prove themselves by on every way.
struct Sync {
  IpAddress local, peer;           // both unspecified: there are the LANs alone
  std::uint16_t port = kPairPort;  // UDP; hellos on the LANs use it too
  std::string key;                 // file that `tandemctl pair init` wrote

  bool has_link() const { return !local.is_unspecified() && !peer.is_unspecified(); }
  friend bool operator==(const Sync&, const Sync&) = default;
};

// Too many of a backend's last TCP connections were refused or not answered: its check is asked at once.
struct Passive {
  unsigned failed = 5, of = 10;

  friend bool operator==(const Passive&, const Passive&) = default;
};

// Whom no deny list may deny: the edge, monitoring, the other node.
struct Protect {
  std::vector<Prefix> prefixes;
};

// What becomes of TCP connections whose backend is down.
enum class OnDead : std::uint8_t { keep, reset };

struct Service {
  std::string name;
  std::string group;           // empty: this node's alone
  std::vector<Listen> listen;  // one ServiceView each in the generation; one name for the operator
  ForwardingMethod forwarding = ForwardingMethod::nat;
  std::vector<Prefix> tunnel_source;        // ipip, gue: a prefix of each family that backends have; flows are spread over its last 16 bits
  std::optional<std::uint8_t> tunnel_dscp;  // of the outer header; none: the packet's own
  std::uint16_t gue_port = kGuePort;        // UDP, at the backends
  bool gue_header = false;                  // GUE's variant 0, four bytes longer
  ClientAddress client_address = ClientAddress::none;  // full-nat over TCP: how backends are told whom they serve
  SchedulerKind scheduler = SchedulerKind::consistent_round_robin;
  std::string fallback;  // the service whose backends take new connections while none of its own may; empty: none
  Timeouts timeouts;
  Limits limit;                               // connections and packets a second, of all clients and of each
  milliseconds slow_start{0};                 // for so long a backend that came up has less than its share; 0: never
  milliseconds grace{60'000};                 // how long a removed backend keeps its connections
  std::optional<milliseconds> disable_grace;  // how long a disabled one does; none: until somebody says --kill
  OnDead on_dead = OnDead::keep;
  bool one_packet = false;             // UDP: each datagram goes where the scheduler says, and no connection is kept
  std::optional<QuicIdForm> quic_cid;  // UDP: flows follow the connection ids that servers make
  unsigned panic_threshold = 50;       // percent of the backends that stay in service whatever checks say; 0: none must
  Check check;
  std::optional<Passive> passive;
  std::vector<Backend> backend;
};

// Where its checks ask a backend.
inline std::uint16_t check_port(const Service& service, const Backend& backend) {
  if (service.check.port) return *service.check.port;
  return backend.address.port != 0 || service.listen.empty() ? backend.address.port : service.listen.front().port;
}

struct Config {
  Node node;
  Dataplane dataplane;
  std::vector<Port> port;
  std::optional<Ha> ha;  // always there when there are groups
  std::optional<Sync> sync;
  Protect protect;
  std::vector<Group> group;
  std::vector<Service> service;
  std::string hash;       // first 12 hex digits of the SHA-256 of the canonical text: what `config_hash` shows
  std::string pair_hash;  // the same of the part that both nodes share: [ha], groups, services
};

}  // namespace tandem::config
