// SPDX-License-Identifier: Apache-2.0
// One worker: receives, runs the pipeline, empties what comes out, and between bursts does its small duties in slices (expiry,
// held packets and fragments, scans, news of connections for the peer and from it). turn() is one loop; run() is turn() until told to stop,
// asleep for moments where that is wanted. Nothing here locks, allocates, blocks, throws or logs. Threads: the worker's own, but for what
// says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "common/base/clock.h"
#include "common/base/spsc_ring.h"
#include "dataplane/conn/events.h"
#include "dataplane/flows/flow_census.h"
#include "dataplane/flows/flow_learner.h"
#include "dataplane/flows/flow_mender.h"
#include "dataplane/flows/flow_teller.h"
#include "dataplane/flows/tenure.h"
#include "dataplane/guard/deny_sweep.h"
#include "dataplane/model/publisher.h"
#include "dataplane/observe/taps.h"
#include "dataplane/pipeline/pipeline.h"
#include "dataplane/worker/conn_scan.h"
#include "dataplane/worker/cutter.h"
#include "dataplane/worker/glance_desk.h"
#include "dataplane/worker/hold_queue.h"
#include "dataplane/worker/pair_link.h"
#include "dataplane/worker/port_losses.h"
#include "dataplane/worker/probe_trap.h"
#include "dataplane/worker/progress.h"
#include "dataplane/worker/punt.h"
#include "dataplane/worker/sender.h"
#include "dataplane/worker/worker_state.h"

namespace tandem {

// What all workers of a dataplane share. Outlives them.
struct WorkerSurroundings {
  Wire& wire;
  Publisher& publisher;
  const Clock& clock;
  Fabric& fabric;
  PuntRates& punt_rates;
  Bell& punt_bell;
  PortLosses& losses;
  PairDesk& pair;
  std::uint64_t cycles_per_second;
  TalliesOfAll tallies{};          // what each counts at each backend
  rte_mempool* buffers = nullptr;  // for frames of our own; null: none are made
  const ProbeDesk* probes = nullptr;
  WatchBoard* watches = nullptr;  // who looks on; null: nobody ever
  SourceMeter* sources = nullptr;
};

struct WorkerDuties {
  std::vector<RxQueue> receives;
  std::vector<TxWay> sends;  // by PortId
  std::uint32_t queue_per_worker_ports = 0;
  bool adaptive_idle = false;
  std::vector<int> sockets = {};  // of `receives`, to wait for when idle; empty: not all of them have one
};

class Worker {
 public:
  static constexpr std::size_t kBurst = 32, kEventRing = 256, kInjectionRing = 256;

  // Buffers that one worker may hold besides those in ports: its rings, its held packets, its batch.
  static std::uint32_t buffers_held(unsigned workers);

  Worker(WorkerId self, const WorkerSurroundings& around, WorkerDuties duties, std::unique_ptr<WorkerState> state);

  bool turn() noexcept;  // true: there was something to do
  void run(const std::atomic<bool>& stop) noexcept;

  // When all workers' threads have ended, by whoever ended them. settle(): a turn that receives nothing, so that what is under
  // way arrives; false when there is nothing more. abandon(): drops what still waits for a neighbour, a first fragment or the control
  // thread.
  bool settle() noexcept;
  void abandon() noexcept;

  // For control threads.
  WorkerId id() const noexcept { return context_.self; }
  const WorkerState& state() const noexcept { return *state_; }
  WorkerState& state() noexcept { return *state_; }
  SpscRing<WorkerEvent>& events() noexcept { return events_; }
  bool inject(rte_mbuf* mbuf, PortId port);  // from several threads at once. False: the ring is full; the buffer stays the caller's
  void wake() noexcept { around_.fabric.wake(context_.self); }  // any thread, after it laid something down: who rests looks at once
  PuntGate& punts() noexcept { return punts_; }
  PairLink& pair() noexcept { return pair_; }
  FlowDesk& flows() noexcept { return flow_desk_; }
  const FlowSums& flow_sums() noexcept { return flow_log_.sums(); }
  ConnScan& scan() noexcept { return scan_; }
  ProbeTrap& probes() noexcept { return probes_; }
  SpscRing<CutOrder>& cut_orders() noexcept { return cutter_.orders(); }
  GlanceDesk& glances() noexcept { return glances_; }
  std::uint64_t refused(PortId port) const noexcept { return sender_.refused(port); }

 private:
  void begin_turn() noexcept;
  bool take_crossings() noexcept;
  bool take_from(SpscRing<Crossing>& ring, SendRun& run) noexcept;  // true: nothing is left in it
  void take(const Crossing& crossing, SendRun& run) noexcept;
  bool take_injections() noexcept;
  bool receive() noexcept;
  std::uint16_t take_probes(std::uint64_t secret, const RxQueue& queue, rte_mbuf** burst, std::uint16_t count) noexcept;
  bool keep_house() noexcept;
  void run_batch() noexcept;
  void run_pipeline() noexcept;
  void empty_batch() noexcept;
  void send_own_segments() noexcept;
  void release_fragments() noexcept;
  bool add_fragments() noexcept;
  void note_held() noexcept;
  void hand_over() noexcept;
  void hold() noexcept;
  void retry_held() noexcept;
  void want_neighbour(const Held& held) noexcept;
  bool sync_flows() noexcept;
  void expire() noexcept;
  template <typename Entry>
  void expire_family(const Connections<Entry>& connections) noexcept;
  void watch_table() noexcept;
  void drop(rte_mbuf* mbuf, DropReason reason) noexcept;  // of a packet whose port is forgotten

  WorkerSurroundings around_;
  WorkerDuties duties_;
  std::unique_ptr<WorkerState> state_;
  WorkerCounters& counters_;
  WorkerContext context_;
  Pipeline pipeline_;
  Batch batch_;
  Taps taps_;
  Sender sender_;
  PuntGate punts_;
  PairLink pair_;
  FlowDesk flow_desk_;
  FlowLog flow_log_;
  FlowTeller teller_;
  FlowLearner learner_;
  FlowCensus census_;
  FlowMender mender_;
  Tenure tenure_;
  HoldQueue held_;
  AskedNeighbours asked_;
  ConnScan scan_;
  ProbeTrap probes_;
  Cutter cutter_;
  GlanceDesk glances_;
  DenySweep denials_;
  Progress progress_;
  SpscRing<WorkerEvent> events_;
  SpscRing<Crossing> injections_;
  std::mutex injecting_;  // among control threads: the twins', and that of announcements and probes
  Instant now_, started_, losses_due_;
  std::uint64_t rung_ = 0;  // senders whose rings may still hold something
  int first_ring_ = 0;      // the sender whose turn it is
  bool table_was_full_ = false;
};

}  // namespace tandem
