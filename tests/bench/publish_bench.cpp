// SPDX-License-Identifier: Apache-2.0
// What a change costs the control thread, from being told of it to the workers' new root (design.md: under 1 ms), at 1000
// services of 10 backends; and what the index costs a packet.
#include <benchmark/benchmark.h>

#include <random>

#include "controlplane/config/build.h"
#include "dataplane/model/publisher.h"

namespace tandem::config {
namespace {

constexpr int kServices = 1000, kBackends = 10;

Ipv4Address v4(std::uint32_t host) { return Ipv4Address{Be32{host}}; }
IpAddress vip(int service) { return v4(0xc0000200u + static_cast<std::uint32_t>(service)); }
IpAddress real(int service, int backend) { return v4(0x0a000100u + static_cast<std::uint32_t>(service * kBackends + backend)); }

Config thousand_services() {
  Config config;
  config.port = {{.name = "outside"}, {.name = "inside"}};
  for (int s = 0; s < kServices; ++s) {
    Service service{.name = "service-" + std::to_string(s), .listen = {{vip(s), 80, Protocol::tcp}}};
    for (int b = 0; b < kBackends; ++b) service.backend.push_back({"backend-" + std::to_string(b), {real(s, b), 80}, 1});
    config.service.push_back(std::move(service));
  }
  return config;
}

Network network() {
  Network made;
  made.lans = {{{PortId{0}, 0}, {{v4(0xc0000101), 24}}, {{Prefix{v4(0), 0}, v4(0xc00001fe), 0}}, {{v4(0xc00001fe), {}}}},
               {{PortId{1}, 0}, {{v4(0x0a000001), 16}}, {}, {}}};
  for (int s = 0; s < kServices; ++s)
    for (int b = 0; b < kBackends; ++b) made.lans[1].neighbours.push_back({real(s, b), MacAddress{{2, 0, 0, 0, 0, 1}}});
  return made;
}

// Built once: its thousand schedules take a second or two.
struct World {
  GenerationBuilder builder{HashSeed{1}, 2};
  Publisher publisher{2};
  Config config = thousand_services();
  Network view = network();

  World() {
    builder.set_ports({{MacAddress{{2}}}, {MacAddress{{4}}}});
    builder.set_network(view);
    if (!builder.set_config(config, Instant{})) std::abort();
    publish();
  }
  void publish() {
    if (!publisher.publish(builder.build())) std::abort();
  }
};

World& world() {
  static World made;
  return made;
}

void state_change(benchmark::State& state) {
  World& at = world();
  std::mt19937 chance{1};
  bool up = false;
  for (auto _ : state) {
    at.builder.set_state("service-" + std::to_string(chance() % kServices), "backend-3", {.check_up = up});
    at.publish();
    up = !up;
  }
}
BENCHMARK(state_change)->Unit(benchmark::kMicrosecond);

void neighbours_new_mac(benchmark::State& state) {
  World& at = world();
  std::uint8_t last = 0;
  for (auto _ : state) {
    at.view.lans[1].neighbours[777].mac.bytes[5] = ++last;
    at.builder.set_network(at.view);
    at.publish();
  }
}
BENCHMARK(neighbours_new_mac)->Unit(benchmark::kMicrosecond);

void route_change(benchmark::State& state) {
  World& at = world();
  bool there = false;
  for (auto _ : state) {
    there = !there;
    at.view.lans[0].routes.resize(1);
    if (there) at.view.lans[0].routes.push_back({Prefix{v4(0xc6336400), 24}, v4(0xc00001fd), 0});
    at.builder.set_network(at.view);
    at.publish();
  }
}
BENCHMARK(route_change)->Unit(benchmark::kMicrosecond);

void one_weight(benchmark::State& state) {
  World& at = world();
  std::uint16_t weight = 1;
  for (auto _ : state) {
    at.builder.set_state("service-5", "backend-3", {.weight = weight = static_cast<std::uint16_t>(3 - weight)});
    at.publish();
  }
}
BENCHMARK(one_weight)->Unit(benchmark::kMicrosecond);

void unchanged_reload(benchmark::State& state) {
  World& at = world();
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
}  // namespace tandem::config

BENCHMARK_MAIN();
