// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/sampler.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>

namespace tandem {
namespace {

constexpr double kNanosecond = 1e-9;

template <std::size_t N>
api::Counts named(const std::array<Counter, N>& counters, const std::array<std::string_view, N>& names) {
  api::Counts out;
  for (std::size_t i = 0; i < N; ++i) out[std::string{names[i]}] = counters[i].get();
  return out;
}

// Histograms are kept per bucket and shown as Prometheus wants them: each bucket holds those below it too.
template <std::size_t N>
std::vector<api::Count> cumulative(const std::array<Counter, N>& buckets) {
  std::vector<api::Count> out(N);
  std::transform(buckets.begin(), buckets.end(), out.begin(), [](const Counter& each) { return each.get(); });
  std::partial_sum(out.begin(), out.end(), out.begin());
  return out;
}

double ratio(std::uint64_t part, std::uint64_t whole) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole); }

// The NUMA node of a core, as the kernel's links say; 0 for a worker without a core of its own.
unsigned socket_of(unsigned core) {
  if (core == Dataplane::kNoCore) return 0;
  for (unsigned node = 0; node < 8; ++node)
    if (::access(("/sys/devices/system/cpu/cpu" + std::to_string(core) + "/node" + std::to_string(node)).c_str(), F_OK) == 0) return node;
  return 0;
}

api::Worker worker_of(const Dataplane& dataplane, WorkerId id, Instant now) {
  const WorkerCounters& counters = dataplane.counters(id);
  api::Worker out;
  out.worker = index(id), out.core = dataplane.worker_core(id);
  out.socket = socket_of(dataplane.worker_core(id));
  out.busy_ratio = ratio(counters.busy_tsc.get(), counters.total_tsc.get());
  out.busy_seconds = static_cast<double>(counters.busy_tsc.get()) / dataplane.tsc_hz();
  out.packets_total = counters.rx.get() + counters.handover_in.get();
  out.polls_empty = counters.polls_empty.get(), out.polls_packets = counters.polls_packets.get();
  out.loop_max_seconds = static_cast<double>(counters.loop_max_us.get()) * 1e-6;
  out.loop_sum_seconds = static_cast<double>(counters.loop_duration_sum_us.get()) * 1e-6;
  out.entries = counters.entries_ipv4.get() + counters.entries_ipv6.get(), out.capacity = dataplane.connection_capacity(id);
  out.half_open = counters.half_open.get(), out.flood = counters.flood.get() != 0;
  out.handover_in = counters.handover_in.get(), out.handover_out = counters.handover_out.get();
  const auto age = now.since_start.count() - static_cast<std::int64_t>(counters.last_loop_ns.get());
  out.heartbeat_age_seconds = std::max(0.0, static_cast<double>(age) * kNanosecond);
  out.lookups_hit = counters.lookups_hit.get(), out.lookups_miss = counters.lookups_miss.get();
  out.inserts_local = counters.inserts_local.get(), out.inserts_sync = counters.inserts_sync.get();
  out.insert_failures = named(counters.insert_failures, kInsertFailureNames);
  out.removed = named(counters.removed, kRemoveReasonNames);
  out.orphans = named(counters.orphans, kOrphanDecisionNames);
  out.icmp_errors = named(counters.icmp_errors, kIcmpErrorFateNames);
  out.own_segments = named(counters.own_segments, kOwnSegmentKindNames);
  out.client_addresses = named(counters.client_addresses, kClientAddressFateNames);
  out.denied = named(counters.denied, kDenyListNames);
  out.loop_buckets = cumulative(counters.loop_duration), out.burst_buckets = cumulative(counters.burst_packets);
  return out;
}

const char* name_of(TwinKind kind) {
  constexpr const char* kNames[] = {"none", "copied", "steered", "tap"};
  return kNames[static_cast<std::size_t>(kind)];
}

api::Port port_of(const Dataplane& dataplane, const PortState& state) {
  const PortStats stats = dataplane.port_stats(state.id);
  api::Port out;
  out.name = state.name, out.device = state.device, out.driver = state.driver, out.interface = state.interface;
  out.mac = to_string(state.mac), out.twin = name_of(state.twin), out.note = state.note, out.up = state.up;
  out.speed_bytes = state.speed_bytes, out.mtu_bytes = state.mtu_bytes, out.queues_rx = state.rx_queues, out.queues_tx = state.tx_queues;
  out.rx_packets = stats.rx_packets, out.rx_bytes = stats.rx_bytes, out.tx_packets = stats.tx_packets, out.tx_bytes = stats.tx_bytes;
  out.rx_missed = stats.rx_missed, out.rx_errors = stats.rx_errors, out.rx_no_buffer = stats.rx_no_buffer;
  out.tx_errors = stats.tx_errors, out.tx_queue_full = stats.tx_queue_full, out.link_changes = stats.link_changes;
  return out;
}

}  // namespace

void add_to_balance(api::Balance& balance, const WorkerCounters& counters) {
  balance.rx += counters.rx.get(), balance.injected += counters.injected.get(), balance.originated += counters.originated.get();
  balance.tx += counters.tx.get(), balance.consumed += counters.consumed.get(), balance.held += counters.held.get();
  for (std::size_t i = 0; i < kPuntClasses; ++i) balance.punted[std::string{kPuntClassNames[i]}] += counters.punted[i].get();
  for (std::size_t i = 0; i < kDropReasons; ++i) balance.dropped[std::string{kDropReasonTexts[i].name}] += counters.dropped[i].get();
}

BackendSums sums_of(const BackendCounters& counters) {
  BackendSums out;
  out.received_packets = counters.received_packets.get(), out.received_bytes = counters.received_bytes.get();
  out.transmitted_packets = counters.transmitted_packets.get(), out.transmitted_bytes = counters.transmitted_bytes.get();
  out.new_connections = counters.new_connections.get(), out.lent = counters.lent_connections.get();
  out.exceptions = counters.exceptions.get();
  out.closed_finished = counters.closed_finished.get(), out.closed_reset = counters.closed_reset.get();
  out.closed_cut = counters.closed_cut.get();
  out.closed_expired = counters.closed_expired.get(), out.unanswered_syns = counters.unanswered_syns.get();
  out.opened = counters.opened_entries.get(), out.removed = counters.removed_entries.get();
  out.answered = counters.answered.get(), out.refused = counters.refused.get();
  out.lingering = counters.closed_entries.get() - counters.reopened_or_ended.get();
  return out;
}

Sample take_sample(const Dataplane& dataplane, Instant now, std::size_t slots) {
  Sample out;
  out.at = now;
  out.slots.resize(slots);
  for (std::size_t w = 0; w < dataplane.workers(); ++w) {
    const WorkerId id{static_cast<std::uint8_t>(w)};
    add_to_balance(out.balance, dataplane.counters(id));
    for (std::size_t slot = 0; slot < slots; ++slot)
      out.slots[slot] += sums_of(dataplane.counters(id, BackendSlot{static_cast<std::uint16_t>(slot)}));
    out.workers.push_back(worker_of(dataplane, id, now));
  }
  const Untaken untaken = dataplane.untaken();
  out.balance.untaken = {{"injected", untaken.injections}, {"heartbeat", untaken.heartbeats}};
  for (const PortState& state : dataplane.ports()) out.ports.push_back(port_of(dataplane, state));
  for (const PoolState& pool : dataplane.pools()) out.pools.push_back({pool.name, pool.available, pool.capacity});
  for (const HeapState& heap : dataplane.heaps()) out.heaps.push_back({heap.socket, heap.used_bytes, heap.free_bytes});
  return out;
}

}  // namespace tandem
