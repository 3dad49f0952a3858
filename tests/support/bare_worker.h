// SPDX-License-Identifier: Apache-2.0
// One worker's pipeline without its worker: frames in, what came of each out. Every run judges that the balance holds and that
// no buffer was lost, and complains where it does not: a test fails (test_worker.h), a fuzzer ends.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/forward/hold.h"
#include "dataplane/guard/deny_sweep.h"
#include "dataplane/pipeline/pipeline.h"
#include "tests/support/buffers.h"
#include "tests/support/world.h"

namespace tandem::test {

struct Sent {
  PortId port{};
  Bytes frame;
};

struct Punted {
  PortId port{};
  PuntClass punt_class{};
  Bytes frame;
};

// Buffers stay with the outcome until somebody passes them on or release() frees them.
struct Outcome {
  std::vector<Sent> sent;
  std::vector<Punted> punted;
  std::vector<Sent> to_pair;                // with the port they came by
  std::map<std::string, unsigned> dropped;  // by reason
  std::vector<Handover> handed_over;
  std::vector<Held> held;
  std::uint64_t consumed = 0, originated = 0;

  // The outcome in lines, to compare and to read: "p1: …", "punt known p0: …", "to pair p0: …",
  // "drop no_service", "hold for …", "hand over to 1".
  std::vector<std::string> lines() const;
  void release();
};

// What the kernel gets is the very frame that came; to a group's MAC, with the port's instead, which alone the kernel takes.
bool is_as_it_came(const Bytes& punted, const std::vector<Bytes>& came);

class BareWorker {
 public:
  using Complain = std::function<void(const std::string& what_is_wrong)>;

  BareWorker(World& world, Complain complain, WorkerId self, std::size_t connections, Tick start = 0);
  ~BareWorker();
  BareWorker(const BareWorker&) = delete;
  BareWorker& operator=(const BareWorker&) = delete;

  void publish();                                    // the world as it is now
  static constexpr std::uint32_t kErrorsPps = 1000;  // ICMP errors of its own
  void pass_time(std::uint32_t ticks);               // and let idle connections end
  void take_roles(const Roles& roles) { context_.roles = roles; }
  void take_time(Instant now) { context_.now = now; }
  Outcome end_late_fragments();  // those that have waited too long by now
  void end_denied();             // the whole sweep
  std::size_t fragments_held() const { return datagrams_.held(); }
  void note_flows(FlowLog* log) { context_.flows = log; }
  void let_watch(Taps* taps) { context_.taps = taps; }
  void see(TalliesOfAll all) { context_.tallies = all; }
  const WorkerContext& context() const { return context_; }
  void limit_adoptions(std::uint32_t pps) { adoption_rate_.set(pps), context_.adoption_rate = &adoption_rate_; }
  void receiver_owns_one_way(PortId port) { context_.queue_per_worker_ports |= 1U << index(port); }

  Outcome receive(PortId port, const Frame& frame) { return receive(port, std::vector<Bytes>{frame.bytes()}); }
  Outcome receive(PortId port, const std::vector<Bytes>& frames);
  Outcome receive_mbuf(PortId port, rte_mbuf* mbuf, Origin origin = Origin::wire);
  Outcome receive_handed_over(const Handover& handover);
  Outcome send_own_segments();  // those that wait: each receive() sends its own

  const Generation& generation() const { return *generation_; }
  const WorkerCounters& counters() const { return *counters_; }
  const std::vector<BackendCounters>& backends() const { return backends_; }
  const BackendCounters& backend(std::size_t service, std::size_t backend) const { return backends_[index(world_.slot(service, backend))]; }
  std::uint64_t dropped(DropReason reason) const { return counters_->dropped[static_cast<std::size_t>(reason)].get(); }
  ConnTable4& table4() { return table4_; }
  ConnTable6& table6() { return table6_; }

 private:
  Outcome run(std::size_t packets, std::size_t buffers);
  void run_pipeline(Outcome& outcome);
  void empty_batch(Outcome& outcome);
  bool add_fragments();
  void judge(const char* what, std::uint64_t expected, std::uint64_t got) const;

  World& world_;
  Complain complain_;
  std::unique_ptr<Generation> generation_;
  ConnTable4 table4_;
  ConnTable6 table6_;
  Expiry expiry4_, expiry6_;
  TableHasher hasher_;
  std::unique_ptr<WorkerCounters> counters_ = std::make_unique<WorkerCounters>();
  std::vector<BackendCounters> backends_;
  DatagramTable datagrams_;
  OwnSegments own_segments_;
  std::size_t fragments_waiting_ = 0, fragment_buffers_ = 0;  // in it when the last run was through
  SharedRate error_rate_, adoption_rate_;
  std::unique_ptr<SourceMeter> sources_ = std::make_unique<SourceMeter>();
  DenySweep denials_;
  WorkerContext context_;
  std::unique_ptr<Pipeline> pipeline_ = std::make_unique<Pipeline>();
  std::unique_ptr<Batch> batch_ = std::make_unique<Batch>();
};

}  // namespace tandem::test
