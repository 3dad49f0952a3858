// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dataplane.h"

#include <sys/random.h>
#include <time.h>

#include <atomic>

#include "dataplane/explain_face.h"
#include "dataplane/flow_face.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/mempool.h"
#include "dataplane/observe/watch_keeper.h"
#include "dataplane/port_probe.h"
#include "dataplane/port_set.h"
#include "dataplane/starting.h"
#include "dataplane/twin_face.h"
#include "dataplane/worker/crew.h"
#include "dataplane/worker/scan_all.h"

namespace tandem {

namespace {

constexpr std::size_t kEventsPerPoll = 1024;
constexpr int kSettleRounds = 4096;

class RunningDataplane final : public Dataplane {
 public:
  RunningDataplane(const DataplaneOptions& options, const StartPlan& plan)
      : options_{options},
        publisher_{plan.workers},
        fabric_{plan.workers},
        rates_{options.punt_rates_pps, options.punt_reserve},
        board_{plan.workers},
        watches_{board_, plan.workers} {
    std::uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) == sizeof random) pair_.first_incarnation = random >> 17;  // half of 48 bits to go
    for (unsigned w = 0; w < plan.workers; ++w) {
      tallies_.push_back(std::make_shared<WorkerTallies>(options.backend_slots));
      backends_of_all_.push_back(tallies_.back()->backends().data());
    }
  }
  ~RunningDataplane() override;

  Result<> open(const StartPlan& plan);
  Result<> run(std::unique_ptr<Generation> first) override;
  PoolState close() override;

  Publisher& publisher() override { return publisher_; }
  std::size_t workers() const override { return fabric_.workers(); }
  bool uses_hugepages() const override { return hugepages_; }
  std::string memory_note() const override { return memory_note_; }

  std::vector<PortState> ports() const override { return ports_.states(); }
  PortStats port_stats(PortId port) const override;
  Result<> accept_macs(PortId port, std::span<const MacAddress> macs) override { return ports_[port].accept_macs(macs); }
  std::vector<PoolState> pools() const override;
  std::vector<HeapState> heaps() const override;
  double tsc_hz() const override { return static_cast<double>(cycles_per_second()); }
  unsigned worker_core(WorkerId worker) const override;
  std::uint64_t connection_capacity(WorkerId) const override { return room().connections_ipv4 + room().connections_ipv6; }

  const WorkerCounters& counters(WorkerId worker) const override { return tallies_[index(worker)]->counters; }
  const BackendCounters& counters(WorkerId worker, BackendSlot slot) const override { return tallies_[index(worker)]->backend(slot); }

  void poll_events(const std::function<void(const WorkerEvent&)>& handle) override;
  Result<> scan_connections(std::chrono::milliseconds deadline, const std::function<void(WorkerId, const ConnRecord&)>& handle) override {
    return scan_all(workers_, ++scan_number_, deadline, handle);
  }
  bool cut_connection(const CutOrder& order) override {
    bool told = true;
    for (const auto& worker : workers_) told &= worker->cut_orders().push(order);
    return told;
  }
  Result<ExplainedFlow> explain(const FlowQuestion& question, std::chrono::milliseconds deadline) override {
    return explains_ ? explains_->explain(question, deadline) : Dataplane::explain(question, deadline);
  }
  WatchDesk* watches() override { return &watches_; }
  void take_punted(const std::function<void(const TwinFrame&)>& handle) override { take_twin_frames(workers_, bell_, handle); }
  int punted_descriptor() const override { return bell_.descriptor(); }
  bool inject(const TwinFrame& frame) override;

  RoleBoard& roles() override { return pair_.roles; }
  std::size_t port_count() const override { return ports_.all().size(); }
  bool has_link(PortId port) const override { return ports_[port].has_link(); }
  bool send_beat(WorkerId by, PortId port, std::span<const std::uint8_t> bytes, Instant deadline) override {
    const bool taken = push_beat(workers_, pool_.get(), by, port, bytes, deadline);
    if (!taken) beats_untaken_.fetch_add(1, std::memory_order_relaxed);
    return taken;
  }
  Untaken untaken() const override { return {injections_untaken_.load(), beats_untaken_.load()}; }
  void take_pair_frames(const std::function<void(const PairFrame&)>& handle) override { take_arrivals(workers_, pair_.bell, handle); }
  int pair_descriptor() const override { return pair_.bell.descriptor(); }

  ProbeReport probe(const ProbeWish& wish) override;

  FlowWorkers* flows() override { return flows_ ? &*flows_ : nullptr; }

 private:
  Result<> make_workers(const Generation& first);
  WorkerRoom room() const {
    return {connection_share(options_.connections_ipv4, fabric_.workers()), connection_share(options_.connections_ipv6, fabric_.workers()),
            hugepages_, options_.icmp_errors_pps, options_.adoptions_pps};
  }
  std::vector<TxWay> first_ways() const { return tx_ways_of(WorkerId{0}, ports_.queues(), fabric_.workers()); }
  void settle() noexcept;

  DataplaneOptions options_;
  SteadyClock clock_;
  bool hugepages_ = false;
  std::string memory_note_;
  std::unique_ptr<rte_mempool, void (*)(rte_mempool*)> pool_{nullptr, free_pool};
  PortSet ports_;
  Publisher publisher_;
  Fabric fabric_;
  PuntRates rates_;
  Bell bell_;
  PairDesk pair_;
  ProbeDesk probes_;
  WatchBoard board_;
  WatchKeeper watches_;
  SourceMeter sources_;
  std::vector<std::shared_ptr<WorkerTallies>> tallies_;
  std::vector<const BackendCounters*> backends_of_all_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<FlowFace> flows_;  // from run() on, as what follows
  std::optional<ExplainFace> explains_;
  Crew crew_;
  std::uint32_t scan_number_ = 0;
  std::atomic<std::uint64_t> injections_untaken_{0}, beats_untaken_{0};
};

RunningDataplane::~RunningDataplane() { close(); }

// Workers first, then what they had under way, then the ports, then the buffers that all of them held.
PoolState RunningDataplane::close() {
  crew_.stop();
  settle();
  ports_.close();
  return pool_ ? pools().front() : PoolState{};
}

void RunningDataplane::settle() noexcept {
  for (int round = 0; round < kSettleRounds; ++round) {
    bool more = false;
    for (const auto& worker : workers_) more |= worker->settle();
    if (!more) break;
  }
  for (const auto& worker : workers_) worker->abandon();
}

Result<> RunningDataplane::open(const StartPlan& plan) {
  const Result<EalState> eal = start_eal(plan.eal);
  if (!eal) return fail(eal.error());
  hugepages_ = eal->hugepages, memory_note_ = eal->note;
  const Result<rte_mempool*> pool = create_pool("buffers", plan.pool);
  if (!pool) return fail(pool.error());
  pool_.reset(*pool);
  if (plan.needs_one_piece && !lies_in_one_piece(*pool))
    return fail("the packet buffers do not lie in one piece of memory, which AF_XDP needs");
  return ports_.open(options_, plan, pool_.get());
}

Result<> RunningDataplane::run(std::unique_ptr<Generation> first) {
  ensure(workers_.empty());
  if (const Result<> made = make_workers(*first); !made) return made;
  flows_.emplace(workers_, pair_, first->keys.table, first->owners);
  explains_.emplace(workers_, publisher_, [this](std::span<const std::uint8_t> frame) { return copy_frame(pool_.get(), frame); });
  if (const Result<> published = publisher_.publish(std::move(first)); !published) return published;
  return crew_.start(workers_, options_.cores);
}

Result<> RunningDataplane::make_workers(const Generation& first) {
  const unsigned count = fabric_.workers();
  const std::uint32_t own_queues = ports_.queue_per_worker(count);
  const WorkerSurroundings around{ports_.wire(), publisher_,          clock_,           fabric_,     rates_,   bell_,   ports_.losses(),
                                  pair_,         cycles_per_second(), backends_of_all_, pool_.get(), &probes_, &board_, &sources_};
  for (unsigned w = 0; w < count; ++w) {
    const auto id = static_cast<WorkerId>(w);
    Result<std::unique_ptr<WorkerState>> state = WorkerState::make(id, room(), first.keys.table, tallies_[w]);
    if (!state) return fail(state.error());
    WorkerDuties duties{rx_queues_of(id, ports_.queues(), count), tx_ways_of(id, ports_.queues(), count), own_queues,
                        options_.adaptive_idle};
    duties.sockets = ports_.sockets_of(duties.receives);
    workers_.push_back(std::make_unique<Worker>(id, around, std::move(duties), std::move(*state)));
  }
  return {};
}

PortStats RunningDataplane::port_stats(PortId port) const {
  PortStats stats = ports_[port].stats();
  for (const auto& worker : workers_) stats.tx_queue_full += worker->refused(port);
  return stats;
}

std::vector<PoolState> RunningDataplane::pools() const { return {{"buffers", pool_available(pool_.get()), pool_capacity(pool_.get())}}; }

std::vector<HeapState> RunningDataplane::heaps() const {
  std::vector<HeapState> out;
  for (const HeapUse& heap : heap_use()) out.push_back({heap.socket, heap.used_bytes, heap.free_bytes});
  return out;
}

unsigned RunningDataplane::worker_core(WorkerId worker) const {
  return options_.cores.empty() ? kNoCore : options_.cores[index(worker) % options_.cores.size()];
}

void RunningDataplane::poll_events(const std::function<void(const WorkerEvent&)>& handle) {
  ports_.watch(clock_.now());
  WorkerEvent event;
  for (const auto& worker : workers_)
    for (std::size_t i = 0; i < kEventsPerPoll && worker->events().pop(event); ++i) handle(event);
}

bool RunningDataplane::inject(const TwinFrame& frame) {
  if (workers_.empty()) return false;
  const TxWay way = first_ways()[index(frame.port)];
  if (push_twin_frame(*workers_[index(way.via)], pool_.get(), frame)) return true;
  injections_untaken_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

ProbeReport RunningDataplane::probe(const ProbeWish& wish) {
  std::uint64_t secret = 0;
  if (workers_.empty() || getrandom(&secret, sizeof secret, 0) != sizeof secret || secret == 0) return {};
  return PortProbe{{workers_, ports_.all(), probes_, pool_.get(), first_ways()}, wish, secret}.run();
}

}  // namespace

Result<std::unique_ptr<Dataplane>> Dataplane::open(const DataplaneOptions& options) {
  const Result<StartPlan> plan = plan_start(options);
  if (!plan) return fail(plan.error());
  auto dataplane = std::make_unique<RunningDataplane>(options, *plan);
  if (const Result<> opened = dataplane->open(*plan); !opened) return fail(opened.error());
  return dataplane;
}

}  // namespace tandem
