// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay.h"

#include "dataplane/io/capture_wire.h"
#include "dataplane/io/derived_mac.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/mempool.h"
#include "dataplane/worker/worker.h"

namespace tandem {

namespace {

// Room for any frame that a capture may hold, so that a super-frame is the pipeline's to name and not ours to lose.
constexpr PoolPlan kPool{.buffers = 1023, .data_room_bytes = 65535, .bytes = 0};
constexpr std::uint64_t kMemoryBytes = 128 << 20;
constexpr std::size_t kSettleTurns = 64;
constexpr std::uint32_t kEveryGroup = Roles::kUngrouped | (Roles::kUngrouped - 1);

class ReplayDataplane final : public Dataplane {
 public:
  explicit ReplayDataplane(const DataplaneOptions& options)
      : options_{options},
        rates_{options.punt_rates_pps, options.punt_reserve},
        tallies_{std::make_shared<WorkerTallies>(options.backend_slots)} {
    pair_.roles.set({.active = kEveryGroup, .receives = kEveryGroup, .on_peer = 0});  // a capture has no other node
  }
  ~ReplayDataplane() override {
    if (worker_) worker_->abandon();
  }

  Result<> open();
  Result<> run(std::unique_ptr<Generation> first) override;

  Publisher& publisher() override { return publisher_; }
  std::size_t workers() const override { return 1; }
  bool uses_hugepages() const override { return false; }
  std::vector<PortState> ports() const override { return ports_; }
  PortStats port_stats(PortId port) const override { return wire_->stats(port); }
  std::vector<PoolState> pools() const override { return {{"buffers", pool_available(pool_.get()), pool_capacity(pool_.get())}}; }
  double tsc_hz() const override { return static_cast<double>(cycles_per_second()); }
  unsigned worker_core(WorkerId) const override { return kNoCore; }
  std::uint64_t connection_capacity(WorkerId) const override { return options_.connections_ipv4 + options_.connections_ipv6; }
  const WorkerCounters& counters(WorkerId) const override { return tallies_->counters; }
  const BackendCounters& counters(WorkerId, BackendSlot slot) const override { return tallies_->backend(slot); }
  void poll_events(const std::function<void(const WorkerEvent&)>& handle) override;
  Result<> scan_connections(std::chrono::milliseconds, const std::function<void(WorkerId, const ConnRecord&)>& handle) override;
  void take_punted(const std::function<void(const TwinFrame&)>&) override {}  // no capture has a twin
  bool inject(const TwinFrame&) override { return false; }
  Result<> accept_macs(PortId, std::span<const MacAddress>) override { return {}; }
  RoleBoard& roles() override { return pair_.roles; }
  std::size_t port_count() const override { return ports_.size(); }
  bool has_link(PortId port) const override { return ports_[index(port)].up; }
  bool send_beat(WorkerId, PortId, std::span<const std::uint8_t>, Instant) override { return false; }
  void take_pair_frames(const std::function<void(const PairFrame&)>&) override {}
  int pair_descriptor() const override { return -1; }

 private:
  void pass_to(Instant time) noexcept;

  DataplaneOptions options_;
  ManualClock clock_;
  std::unique_ptr<rte_mempool, void (*)(rte_mempool*)> pool_{nullptr, free_pool};
  std::unique_ptr<CaptureWire> wire_;
  std::vector<PortState> ports_;
  Publisher publisher_{1};
  Fabric fabric_{1};
  PuntRates rates_;
  Bell bell_;
  PortLosses losses_;
  PairDesk pair_;
  SourceMeter sources_;
  std::shared_ptr<WorkerTallies> tallies_;
  std::unique_ptr<Worker> worker_;
  std::uint32_t scan_number_ = 0;
};

Result<> ReplayDataplane::open() {
  std::vector<Device> devices;
  for (const PortOptions& port : options_.ports) {
    Result<Device> device = parse_device(port.device);
    if (!device) return fail(device.error().within("port " + port.name));
    if (device->kind != DeviceKind::pcap) return fail("port " + port.name + ": replay takes pcap:IN,OUT alone, this is " + port.device);
    const MacAddress mac = port.mac.value_or(derived_mac(port));
    ports_.push_back({.name = port.name,
                      .device = port.device,
                      .driver = "capture",
                      .id = static_cast<PortId>(ports_.size()),
                      .mac = mac,
                      .up = true,
                      .mtu_bytes = port.mtu_bytes,
                      .rx_queues = 1,
                      .tx_queues = 1});
    devices.push_back(std::move(*device));
  }
  if (const Result<EalState> eal = start_eal({.hugepages = HugepageWish::off, .memory_bytes = kMemoryBytes}); !eal)
    return fail(eal.error());
  const Result<rte_mempool*> pool = create_pool("replay", kPool);
  if (!pool) return fail(pool.error());
  pool_.reset(*pool);
  Result<std::unique_ptr<CaptureWire>> wire = CaptureWire::open(devices, *pool, clock_);
  if (!wire) return fail(wire.error());
  wire_ = std::move(*wire);
  if (const std::optional<Instant> start = wire_->next()) clock_.set(*start);
  return {};
}

Result<> ReplayDataplane::run(std::unique_ptr<Generation> first) {
  const WorkerRoom room{options_.connections_ipv4, options_.connections_ipv6, false, options_.icmp_errors_pps, options_.adoptions_pps};
  Result<std::unique_ptr<WorkerState>> state = WorkerState::make(WorkerId{0}, room, first->keys.table, tallies_);
  if (!state) return fail(state.error());
  std::vector<QueueCount> queues(ports_.size());
  WorkerDuties duties{rx_queues_of(WorkerId{0}, queues, 1), tx_ways_of(WorkerId{0}, queues, 1), ~0U, false};
  const WorkerSurroundings around{*wire_, publisher_,          clock_, fabric_,     rates_,  bell_,   losses_,
                                  pair_,  cycles_per_second(), {},     pool_.get(), nullptr, nullptr, &sources_};
  worker_ = std::make_unique<Worker>(WorkerId{0}, around, std::move(duties), std::move(*state));
  if (const Result<> published = publisher_.publish(std::move(first)); !published) return published;
  while (const std::optional<Instant> next = wire_->next()) pass_to(*next);
  for (std::size_t turn = 0; turn < kSettleTurns; ++turn) worker_->turn();
  worker_->abandon();
  return wire_->flush();
}

// Connections end on time only if the sweep gets round: a live worker turns millions of times a second, here a turn is a frame.
void ReplayDataplane::pass_to(Instant time) noexcept {
  const Instant now = std::max(clock_.now(), time);  // a capture that steps back in time does not take the clock along
  const bool new_tick = now.since_start / kTick != clock_.now().since_start / kTick;
  const std::size_t slots = std::max(worker_->state().table4().slots(), worker_->state().table6().slots());
  if (new_tick) {
    const Instant just_before{now.since_start - Nanoseconds{1}};
    clock_.set(std::max(clock_.now(), just_before));
    for (std::size_t swept = 0; swept < slots; swept += Expiry::kSlice) worker_->turn();
  }
  clock_.set(now);
  worker_->turn();
  worker_->pair().abandon();  // there is no thread of the pair's to take its frames
}

void ReplayDataplane::poll_events(const std::function<void(const WorkerEvent&)>& handle) {
  for (WorkerEvent event; worker_ && worker_->events().pop(event);) handle(event);
}

Result<> ReplayDataplane::scan_connections(std::chrono::milliseconds, const std::function<void(WorkerId, const ConnRecord&)>& handle) {
  if (!worker_) return {};
  ConnScan& scan = worker_->scan();
  const std::uint32_t number = ++scan_number_;
  scan.begin(number);
  while (!scan.finished(number)) {
    scan.turn(worker_->state(), *publisher_.latest());
    for (ConnRecord record; scan.take(number, record);) handle(WorkerId{0}, record);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Dataplane>> replay(const DataplaneOptions& options, const BuildGeneration& build) {
  auto dataplane = std::make_unique<ReplayDataplane>(options);
  if (const Result<> opened = dataplane->open(); !opened) return fail(opened.error());
  Result<std::unique_ptr<Generation>> first = build(*dataplane);
  if (!first) return fail(first.error());
  if (const Result<> ran = dataplane->run(std::move(*first)); !ran) return fail(ran.error());
  return dataplane;
}

}  // namespace tandem
