// SPDX-License-Identifier: Apache-2.0
// What the pipeline costs per packet: source, pipeline and sink against source and sink alone (the null pipeline), in turns in
// one run. TSC cycles: medians of the differences, and where 80 % of the samples lie.
//   pipeline_bench [quick] [--json FILE] [--only TEXT] [--profile ROUNDS]
// --only: cases whose name and size hold the text, such as "ipv4 1 k".
// --profile: 1 k connections, the pipeline alone, that many bursts: for valgrind --tool=callgrind.
#include <rte_eal.h>
#include <rte_mempool.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "common/base/ensure.h"
#include "tests/bench/hugepages.h"
#include "tests/bench/pipeline_reference.h"
#include "tests/bench/pipeline_stages.h"
#include "tests/bench/pipeline_world.h"
#include "tests/bench/report.h"
#include "tests/bench/samples.h"
#include "tests/bench/start.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kBursts = 16;  // between two readings of the clock
constexpr double kPackets = kBurst * kBursts;

struct Options {
  bool quick = false;
  std::string json, only;
  std::size_t profile = 0;  // rounds
};

struct Case {
  const char* name;
  Pattern pattern;
};

const Case kCases[] = {
    {"nat ipv4", {Family::ipv4, ForwardingMethod::nat, Direction::from_client}},
    {"nat ipv4 to a group", {Family::ipv4, ForwardingMethod::nat, Direction::from_client, true}},
    {"nat ipv4 replies", {Family::ipv4, ForwardingMethod::nat, Direction::from_backend}},
    {"l2-dsr ipv4", {Family::ipv4, ForwardingMethod::l2_dsr, Direction::from_client}},
    {"nat ipv6", {Family::ipv6, ForwardingMethod::nat, Direction::from_client}},
    {"nat ipv6 replies", {Family::ipv6, ForwardingMethod::nat, Direction::from_backend}},
    {"l2-dsr ipv6", {Family::ipv6, ForwardingMethod::l2_dsr, Direction::from_client}},
};
constexpr std::uint64_t kLive[] = {1'000, 1'000'000, 10'000'000};
constexpr const char* kLiveNames[] = {"1 k", "1 M", "10 M"};

template <typename Work>
double cycles_per_packet(Work&& work) {
  const std::uint64_t start = cycles_now();
  for (std::size_t i = 0; i < kBursts; ++i) work();
  return static_cast<double>(cycles_now() - start) / kPackets;
}

// One chunk of each in turn, so that whatever else the machine does meets both.
void measure_case(PipelineWorld& world, rte_mempool* pool, const Case& one, std::uint64_t live, std::size_t rounds, Report& report,
                  Row row) {
  PacketSource source{pool, one.pattern, live};
  std::array<std::uint64_t, kBurst> numbers;
  std::array<rte_mbuf*, kBurst> burst;
  const PortId port = port_of(one.pattern);
  std::size_t sent = 0;
  Samples null, ours, difference;
  for (std::size_t round = 0; round < rounds; ++round) {
    const double empty = cycles_per_packet([&] {
      source.choose(numbers);
      source.make(numbers, burst, kTcpAck);
      rte_pktmbuf_free_bulk(burst.data(), kBurst);
    });
    const double whole = cycles_per_packet([&] {
      source.choose(numbers);
      source.make(numbers, burst, kTcpAck);
      sent += world.run(burst, port);
    });
    if (round < rounds / 10) continue;  // caches and predictors find their places
    null.add(empty), ours.add(whole), difference.add(whole - empty);
  }
  ensure(sent == rounds * kBurst * kBursts && world.counters().lookups_miss.get() == 0);
  row.set("null", null).set("ours", ours).set("difference", difference);
  report.add(row);
}

void measure_stages(PipelineWorld& world, rte_mempool* pool, const Case& one, std::uint64_t live, std::size_t rounds, Report& report,
                    Row row) {
  PacketSource source{pool, one.pattern, live};
  Stages stages;
  std::array<std::uint64_t, kBurst> numbers;
  std::array<rte_mbuf*, kBurst> burst;
  for (std::size_t round = 0; round < rounds * kBursts; ++round) {
    source.choose(numbers);
    source.make(numbers, burst, kTcpAck);
    stages.run(world, burst, port_of(one.pattern));
  }
  stages.write(row);
  report.add(row);
}

// Six packets: handshake, FIN of both sides and the last ACK. A burst of connections goes through them abreast. Each begins
// where one long ended in TIME_WAIT, so removing is paid for as well.
class Connector {
 public:
  Connector(PipelineWorld& world, rte_mempool* pool, std::uint64_t different)
      : world_{world},
        different_{different},
        client_{pool, {Family::ipv4, ForwardingMethod::nat, Direction::from_client}, different},
        server_{pool, {Family::ipv4, ForwardingMethod::nat, Direction::from_backend}, different} {}

  void six(bool through) {
    for (std::uint64_t& number : numbers_) number = through ? next_++ % different_ : number;
    send(client_, kTcpSyn, PortId{0}, through);  // whom it went to answers
    send(server_, kTcpSyn | kTcpAck, PortId{1}, through);
    send(client_, kTcpAck, PortId{0}, through);
    send(client_, kTcpFin | kTcpAck, PortId{0}, through);
    send(server_, kTcpFin | kTcpAck, PortId{1}, through);
    send(client_, kTcpAck, PortId{0}, through);
  }

 private:
  void send(PacketSource& from, std::uint8_t flags, PortId port, bool through) {
    from.make(numbers_, burst_, flags, servers_);
    if (through) world_.run(burst_, port, flags == kTcpSyn ? std::span{servers_} : std::span<std::uint32_t>{});
    else rte_pktmbuf_free_bulk(burst_.data(), kBurst);
  }

  PipelineWorld& world_;
  std::uint64_t different_, next_ = 0;
  PacketSource client_, server_;
  std::array<std::uint64_t, kBurst> numbers_{};
  std::array<rte_mbuf*, kBurst> burst_;
  std::array<std::uint32_t, kBurst> servers_{};
};

void measure_connections(PipelineWorld& world, rte_mempool* pool, std::uint64_t different, std::size_t rounds, Report& report, Row row) {
  Connector connector{world, pool, different};
  Samples null, ours, rate;
  for (std::size_t round = 0; round < rounds; ++round) {
    const double empty = cycles_per_packet([&] { connector.six(false); });
    const double whole = cycles_per_packet([&] { connector.six(true); });
    if (round < rounds / 10) continue;
    null.add(empty), ours.add(whole);
    rate.add(report.cycles_per_second() / whole / 1e6);
  }
  const WorkerCounters& counters = world.counters();
  ensure(counters.inserts_local.get() == rounds * kBursts * kBurst &&
         counters.orphans[static_cast<std::size_t>(OrphanDecision::stateless_reply)].get() == 0);
  row.set("null", null).set("ours", ours).set("million connections/s", rate);
  report.add(row);
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word{argv[i]};
    if (word == "quick") options.quick = true;
    else if (word == "--json" && i + 1 < argc) options.json = argv[++i];
    else if (word == "--only" && i + 1 < argc) options.only = argv[++i];
    else if (word == "--profile" && i + 1 < argc) options.profile = std::stoul(argv[++i]);
    else std::exit(std::fprintf(stderr, "usage: pipeline_bench [quick] [--json FILE] [--only TEXT] [--profile ROUNDS]\n") != 0 ? 2 : 2);
  }
  return options;
}

bool wanted(const Options& options, const std::string& name) {
  return options.only.empty() || name.find(options.only) != std::string::npos;
}

void run_size(const Options& options, bool hugepages, rte_mempool* pool, std::size_t size, Report& report) {
  const std::uint64_t live = kLive[size];
  const std::size_t rounds = options.quick ? 300 : 2000;
  for (Family family : {Family::ipv4, Family::ipv6}) {
    if (options.quick && family == Family::ipv6 && live > 1'000'000) continue;
    const auto measured = [&](const Case& one) {
      return one.pattern.family == family && wanted(options, std::string{one.name} + " " + kLiveNames[size]);
    };
    if (std::none_of(std::begin(kCases), std::end(kCases), measured)) continue;
    const std::size_t room = live + live / 16 + 1024;
    PipelineWorld world{family == Family::ipv4 ? room : 1024, family == Family::ipv6 ? room : 1024, hugepages};
    for (const Case& one : kCases) {
      if (!measured(one)) continue;
      world.clear();
      world.fill(one.pattern, live);
      measure_case(world, pool, one, live, rounds, report, Row{one.name, kLiveNames[size]});
      measure_stages(world, pool, one, live, rounds / 4, report, Row{std::string{one.name} + ", stages", kLiveNames[size]});
      if (family == Family::ipv4 && one.pattern.direction == Direction::from_client)
        measure_reference(world, pool, one.pattern, live, rounds / 2, report,
                          Row{std::string{one.name} + " by rte_hash", kLiveNames[size]});
    }
  }
}

void profile(const Options& options) {
  rte_mempool* pool = start_dpdk("pipeline_bench", false);
  PipelineWorld world{20'000, 2048, false};
  if (options.only == "connections") {
    Connector connector{world, pool, 10'000};
    for (std::size_t round = 0; round < options.profile; ++round) connector.six(true);
  }
  for (const Case& one : kCases) {
    if (one.name != options.only) continue;
    world.fill(one.pattern, 1000);
    PacketSource source{pool, one.pattern, 1000};
    std::array<std::uint64_t, kBurst> numbers;
    std::array<rte_mbuf*, kBurst> burst;
    for (std::size_t round = 0; round < options.profile; ++round) {
      source.choose(numbers);
      source.make(numbers, burst, kTcpAck);
      world.run(burst, port_of(one.pattern));
    }
  }
}

int run(const Options& options) {
  if (options.profile != 0) return profile(options), 0;
  const Hugepages reserved{std::size_t{options.quick ? 3U : 6U} << 30};
  rte_mempool* pool = start_dpdk("pipeline_bench", reserved.enough());
  Report report{tsc_rate(), reserved.enough()};
  for (std::size_t size = 0; size < std::size(kLive); ++size) run_size(options, reserved.enough(), pool, size, report);
  if (wanted(options, "connections")) {
    PipelineWorld world{2'000'000, 1024, reserved.enough()};
    measure_connections(world, pool, 500'000, options.quick ? 200 : 2000, report, Row{"connections of six packets", "500 k"});
  }
  report.print();
  if (!options.json.empty()) report.write_json(options.json);
  rte_mempool_free(pool);
  rte_eal_cleanup();
  return 0;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(tandem::bench::read_options(argc, argv)); }
