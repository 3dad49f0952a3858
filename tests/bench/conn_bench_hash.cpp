// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "tests/bench/conn_bench.h"

namespace tandem::bench {
namespace {

template <typename Hash>
void hash_rate(benchmark::State& state, Hash&& hash) {
  Samples samples;
  std::vector<std::uint64_t> out(kChunk);
  for (auto _ : state) {
    samples.add(cycles_each([&] { hash(out); }));
    benchmark::DoNotOptimize(out.data());
  }
  report(state, "hash", samples);
}

template <typename End>
void Hash(benchmark::State& state, TableHasher::Kind kind, bool one_by_one) {
  const TableHasher hasher{SipKey{1, 2}, kind};
  std::vector<End> ends(kChunk);
  for (std::size_t i = 0; i < kChunk; ++i) ends[i].port = Be16{static_cast<std::uint16_t>(i)};
  hash_rate(state, [&](std::vector<std::uint64_t>& out) {
    if (one_by_one) {
      for (std::size_t i = 0; i < kChunk; ++i) out[i] = hasher(ends[i]);
    } else {
      for (std::size_t i = 0; i < kChunk; i += kBurst) hasher.batch(std::span{ends.data() + i, kBurst}, std::span{out.data() + i, kBurst});
    }
  });
}

}  // namespace

void register_hashes() {
  for (const bool one_by_one : {true, false}) {
    const std::string form = one_by_one ? "/one" : "/batch";
    const auto add_hash = [&](const char* name, auto run, TableHasher::Kind kind) {
      benchmark::RegisterBenchmark((name + form).c_str(), run, kind, one_by_one)->Iterations(2000);
    };
    add_hash("siphash/ipv4", Hash<ClientEnd4>, TableHasher::Kind::siphash);
    add_hash("siphash/ipv6", Hash<ClientEnd6>, TableHasher::Kind::siphash);
    if (!TableHasher::has_aes()) continue;
    add_hash("aes/ipv4", Hash<ClientEnd4>, TableHasher::Kind::aes);
    add_hash("aes/ipv6", Hash<ClientEnd6>, TableHasher::Kind::aes);
  }
}

}  // namespace tandem::bench
