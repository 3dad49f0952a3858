// SPDX-License-Identifier: Apache-2.0
// The one face of the dataplane: what tandemd starts, publishes to, and reads. Includes no DPDK header.
// Threads: everything here is called by one control thread, but for what says otherwise; counters may be read from any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/net/address.h"
#include "dataplane/conn/events.h"
#include "dataplane/conn/explained.h"
#include "dataplane/conn/flow_workers.h"
#include "dataplane/io/port_state.h"
#include "dataplane/model/generation.h"
#include "dataplane/model/publisher.h"
#include "dataplane/model/roles.h"
#include "dataplane/observe/watch_desk.h"
#include "dataplane/stats/counters.h"

namespace tandem {

struct DataplaneOptions {
  std::vector<PortOptions> ports;
  std::vector<unsigned> cores;  // one worker each; empty: `workers` unpinned ones
  std::optional<unsigned> workers;
  bool adaptive_idle = false;
  std::uint64_t connections_ipv4 = 1'000'000, connections_ipv6 = 250'000;
  enum class Hugepages : std::uint8_t { automatic, on, off } hugepages = Hugepages::automatic;
  std::uint32_t buffers = 0;              // 0: computed
  std::uint32_t icmp_errors_pps = 1000;   // that one worker makes
  std::uint32_t adoptions_pps = 100'000;  // connections that one worker takes up in mid-flow
  std::array<std::uint32_t, kPuntClasses> punt_rates_pps{2000, 10000, 1000};
  bool punt_reserve = true;      // off: one common rate, as a negative control
  std::string steering_program;  // path of the XDP object for af_xdp ports
  std::size_t backend_slots = kMaxBackendSlots;
};

struct PoolState {
  std::string name;
  std::uint64_t available = 0, capacity = 0;
};

// Memory of one NUMA node that packets and tables live in.
struct HeapState {
  unsigned socket = 0;
  std::uint64_t used_bytes = 0, free_bytes = 0;
};

// Frames of our own side that no worker took, because no buffer was free or its ring was full: they are in no balance.
struct Untaken {
  std::uint64_t injections = 0, heartbeats = 0;
};

// One frame that the kernel's TAP twin shall get, or that it sent.
struct TwinFrame {
  PortId port{};
  std::span<const std::uint8_t> bytes;
};

// A frame of the pair's own traffic: VRRP, or a hello or sync of the other node. Ethernet, one tag perhaps, an IP header without
// options or extension headers whose lengths and checksum are right, and what follows it, unread; padding may be behind.
struct PairFrame {
  PortId port{};
  WorkerId worker{};  // who received it
  Instant received;
  std::span<const std::uint8_t> bytes;
};

// `port verify`: by real packets. by: the port that sends; none: any whose frames come there. vip: what the probes are addressed to, since
// on af_xdp other frames are the kernel's.
struct ProbeWish {
  PortId port{};
  std::optional<PortId> by{};
  std::optional<IpAddress> vip{};
  std::vector<MacAddress> macs{};      // that it must take frames to besides its own
  std::vector<std::uint16_t> vlans{};  // tags it must keep
};

struct ProbeRow {
  std::string what, expected, seen;
  bool right = true;
};

struct ProbeReport {
  std::optional<PortId> by;  // none: no port's frames came there, so nothing was seen
  std::vector<ProbeRow> rows;
};

class Dataplane {
 public:
  // Brings EAL, buffers and ports up; no worker runs yet, because the first generation needs the ports' MACs.
  static Result<std::unique_ptr<Dataplane>> open(const DataplaneOptions& options);
  virtual ~Dataplane() = default;  // stops the workers, closes the ports, detaches what it attached

  virtual Result<> run(std::unique_ptr<Generation> first) = 0;  // once: publishes it and starts the workers
  virtual PoolState close() { return {}; }                      // the destructor's work, before it: the buffers when nobody has any more

  virtual Publisher& publisher() = 0;
  virtual std::size_t workers() const = 0;
  virtual bool uses_hugepages() const = 0;
  virtual std::string memory_note() const { return {}; }  // why not, when not

  virtual std::vector<PortState> ports() const = 0;
  virtual PortStats port_stats(PortId port) const = 0;
  virtual std::vector<PoolState> pools() const = 0;

  // The port takes frames to these MACs, besides its own, and VRRP's multicasts; what is not among them any more is given up. An
  // error when the device can do neither by filter nor promiscuously. PortState::note says how it was done.
  virtual Result<> accept_macs(PortId port, std::span<const MacAddress> macs) = 0;
  virtual std::vector<HeapState> heaps() const { return {}; }
  virtual double tsc_hz() const = 0;  // busy_tsc and total_tsc of the counters are in these
  static constexpr unsigned kNoCore = ~0U;
  virtual unsigned worker_core(WorkerId worker) const = 0;               // kNoCore: not pinned
  virtual std::uint64_t connection_capacity(WorkerId worker) const = 0;  // IPv4 and IPv6 together

  virtual const WorkerCounters& counters(WorkerId worker) const = 0;
  virtual const BackendCounters& counters(WorkerId worker, BackendSlot slot) const = 0;

  // Events of workers (neighbours wanted, a table full, …); calls `handle` for each that waits. Bounded. Follows links and counts
  // what devices have missed besides, so call it a few times a second.
  virtual void poll_events(const std::function<void(const WorkerEvent&)>& handle) = 0;

  // Walks every worker's table in slices between bursts; `handle` sees each live connection once. Blocks the caller, not the
  // workers, and gives up after `deadline` without one.
  virtual Result<> scan_connections(std::chrono::milliseconds deadline, const std::function<void(WorkerId, const ConnRecord&)>& handle) = 0;

  // Ends a connection that this node owns, whoever of its workers has it; nothing happens when none does. False: not all were told,
  // because a ring is full.
  virtual bool cut_connection(const CutOrder&) { return true; }
  // What would become of this packet if it came now. Blocks the caller, not the workers, until all have looked; gives up at `deadline`.
  virtual Result<ExplainedFlow> explain(const FlowQuestion&, std::chrono::milliseconds) { return fail("there are no workers to ask"); }

  // Captures and traces. Null: nobody can look on.
  virtual WatchDesk* watches() { return nullptr; }

  // Frames for and from TAP twins (ports of kind `tap`). take_punted calls `handle` for each frame that waits, bounded.
  // punted_descriptor() becomes readable when frames wait (take_punted clears it); -1: none, poll instead.
  virtual void take_punted(const std::function<void(const TwinFrame&)>& handle) = 0;
  virtual int punted_descriptor() const { return -1; }
  // By any control thread, also several at once. False: no buffer or no room, counted.
  virtual bool inject(const TwinFrame& frame) = 0;
  virtual Untaken untaken() const { return {}; }

  // For the pair's thread, beside the control thread. What leaves proves a worker: `by` sends the frame in its loop, or drops it
  // (late_heartbeat) when it comes to it only after `deadline`. False: the worker's ring is full, so it stands still.
  // Blocks the caller, for a third of a second with a handful of ports; the workers go on.
  virtual ProbeReport probe(const ProbeWish&) { return {}; }

  virtual RoleBoard& roles() = 0;
  virtual std::size_t port_count() const = 0;
  virtual bool has_link(PortId port) const = 0;  // of this moment
  virtual bool send_beat(WorkerId by, PortId port, std::span<const std::uint8_t> bytes, Instant deadline) = 0;
  virtual void take_pair_frames(
      const std::function<void(const PairFrame&)>& handle) = 0;  // bounded; pair_descriptor() is readable again if more wait
  virtual int pair_descriptor() const = 0;

  // Connections told and learned, for the pair's thread; pair_descriptor() is readable while changes wait. Null before run(), and in
  // a replay.
  virtual FlowWorkers* flows() { return nullptr; }
};

}  // namespace tandem
