// SPDX-License-Identifier: Apache-2.0
// What a change costs the control thread, from being told of it to the workers' new root (design.md: under 1 ms), at 1000
// services of 10 backends; and what the index costs a packet.
#include <benchmark/benchmark.h>

#include <random>

#include "tests/bench/thousand_services.h"

namespace tandem::bench {
namespace {

using Services = ThousandServices;

Services& world() {
  static Services made{2};
  return made;
}

void state_change(benchmark::State& state) {
  Services& at = world();
  std::mt19937 chance{1};
  bool up = false;
  for (auto _ : state) {
    at.builder.set_state(service_name(static_cast<int>(chance() % kServices)), backend_name(3), {.check_up = up});
    at.publish();
    up = !up;
  }
}
BENCHMARK(state_change)->Unit(benchmark::kMicrosecond);

void neighbours_new_mac(benchmark::State& state) {
  Services& at = world();
  std::uint8_t last = 0;
  for (auto _ : state) {
    at.network.lans[1].neighbours[777].mac.bytes[5] = ++last;
    at.builder.set_network(at.network);
    at.publish();
  }
}
BENCHMARK(neighbours_new_mac)->Unit(benchmark::kMicrosecond);

void route_change(benchmark::State& state) {
  Services& at = world();
  bool there = false;
  for (auto _ : state) {
    there = !there;
    at.network.lans[0].routes.resize(1);
    if (there) at.network.lans[0].routes.push_back({Prefix{v4(0xc6336400), 24}, v4(0xc00001fd), 0});
    at.builder.set_network(at.network);
    at.publish();
  }
}
BENCHMARK(route_change)->Unit(benchmark::kMicrosecond);

void one_weight(benchmark::State& state) {
  Services& at = world();
  std::uint16_t weight = 1;
  for (auto _ : state) {
    at.builder.set_state(service_name(5), backend_name(3), {.weight = weight = static_cast<std::uint16_t>(3 - weight)});
    at.publish();
  }
}
BENCHMARK(one_weight)->Unit(benchmark::kMicrosecond);

void unchanged_reload(benchmark::State& state) {
  Services& at = world();
  for (auto _ : state) {
    if (!at.builder.set_config(at.config, Instant{})) std::abort();
    at.publish();
  }
}
BENCHMARK(unchanged_reload)->Unit(benchmark::kMicrosecond);

// 32 addresses a batch, as a worker asks; time is per address.
void find_vip(benchmark::State& state) {
  std::vector<VipEntry> vips;
  for (int i = 0; i < state.range(0); ++i) vips.push_back({vip(i), 0});
  const VipIndex index{vips, {}, {}};
  std::array<Ipv4Address, 32> asked;
  std::mt19937 chance{2};
  for (Ipv4Address& each : asked)
    each = chance() % 4 == 0 ? v4(static_cast<std::uint32_t>(chance())) : vips[chance() % vips.size()].address.v4();
  for (auto _ : state)
    for (Ipv4Address each : asked) benchmark::DoNotOptimize(index.find_vip(each));
  state.SetItemsProcessed(state.iterations() * 32);
}
BENCHMARK(find_vip)->Arg(1)->Arg(16)->Arg(1000);

void find_nat_backend(benchmark::State& state) {
  std::vector<NatBackendEntry> backends;
  for (int i = 0; i < state.range(0); ++i) backends.push_back({real(0, i), Protocol::tcp, 80, ServiceId{1}, BackendSlot{}});
  const VipIndex index{{}, {}, backends};
  std::vector<Ipv4Address> asked(4096);
  std::mt19937 chance{3};
  for (Ipv4Address& each : asked) each = backends[chance() % backends.size()].address.v4();
  std::size_t next = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < 32; ++i) benchmark::DoNotOptimize(index.find_nat_backend(asked[next + i], Protocol::tcp, Be16{80}));
    next = (next + 32) % asked.size();
  }
  state.SetItemsProcessed(state.iterations() * 32);
}
BENCHMARK(find_nat_backend)->Arg(3)->Arg(100)->Arg(10000);

}  // namespace
}  // namespace tandem::bench

BENCHMARK_MAIN();
