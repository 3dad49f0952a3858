// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/latency_probe.h"

#include <algorithm>
#include <cstring>

#include "common/base/ensure.h"
#include "tests/bench/samples.h"

namespace tandem::bench {
namespace {

constexpr double kDrainSeconds = 0.01;  // for what is under way when the last was sent

}  // namespace

double LatencyProbe::Seen::quantile_us(double part, double tsc_hz) const {
  if (cycles.empty()) return 0;
  return static_cast<double>(cycles[static_cast<std::size_t>(part * static_cast<double>(cycles.size() - 1) + 0.5)]) * 1e6 / tsc_hz;
}

LatencyProbe::LatencyProbe(Wire& wire, rte_mempool* pool, std::uint64_t live, double tsc_hz)
    : wire_{wire},
      tsc_hz_{tsc_hz},
      choice_{FlowChoice::uniform(live)},
      ways_{Way{{pool, {}}, PortId{0}}, Way{{pool, {.direction = Direction::from_backend}}, PortId{1}}} {}

std::size_t LatencyProbe::send(Way& way, std::size_t count, std::uint64_t first_due, double cycles_between) {
  std::array<std::uint64_t, kBurst> numbers;
  std::array<rte_mbuf*, kBurst> burst;
  choice_.choose(std::span{numbers}.first(count));
  way.source.make(std::span{numbers}.first(count), std::span{burst}.first(count));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t due = first_due + static_cast<std::uint64_t>(static_cast<double>(i) * cycles_between);
    std::memcpy(rte_pktmbuf_append(burst[i], sizeof due), &due, sizeof due);
  }
  const std::uint16_t sent = wire_.send(way.port, 0, burst.data(), static_cast<std::uint16_t>(count));
  if (sent < count) rte_pktmbuf_free_bulk(burst.data() + sent, static_cast<unsigned>(count - sent));
  return sent;
}

void LatencyProbe::receive(Seen& seen) {
  std::array<rte_mbuf*, kBurst> burst;
  for (const Way& way : ways_) {
    const std::uint16_t count = wire_.receive(way.port, 0, burst.data(), kBurst);
    const std::uint64_t now = __rdtsc();
    for (std::uint16_t i = 0; i < count; ++i) {
      std::uint64_t due = 0;
      std::memcpy(&due, rte_pktmbuf_mtod_offset(burst[i], const char*, burst[i]->data_len - sizeof due), sizeof due);
      seen.cycles.push_back(static_cast<float>(now - due));
    }
    if (count != 0) rte_pktmbuf_free_bulk(burst.data(), count);
    seen.received += count;
  }
}

LatencyProbe::Seen LatencyProbe::run(double packets_per_second, double seconds) {
  Seen seen;
  seen.cycles.reserve(1 << 20);
  const bool paced = packets_per_second > 0;
  const double between = paced ? tsc_hz_ / packets_per_second : 0;
  const std::uint64_t begin = __rdtsc(), end = begin + static_cast<std::uint64_t>(seconds * tsc_hz_);
  std::uint64_t asked = 0;
  for (std::uint64_t now = begin; now < end; now = __rdtsc()) {
    const std::uint64_t due = paced ? static_cast<std::uint64_t>(static_cast<double>(now - begin) / between) : asked + kBurst;
    if (const std::size_t count = std::min<std::uint64_t>(due - asked, kBurst); count != 0) {
      const std::uint64_t first = paced ? begin + static_cast<std::uint64_t>(static_cast<double>(asked) * between) : now;
      Way& way = ways_[asked / kBurst % ways_.size()];
      seen.sent += send(way, count, first, between);
      asked += count;
    }
    receive(seen);
  }
  seen.seconds = static_cast<double>(__rdtsc() - begin) / tsc_hz_;
  for (const std::uint64_t drained = __rdtsc() + static_cast<std::uint64_t>(kDrainSeconds * tsc_hz_); __rdtsc() < drained;) receive(seen);
  std::sort(seen.cycles.begin(), seen.cycles.end());
  return seen;
}

}  // namespace tandem::bench
