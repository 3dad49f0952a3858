// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/conn_scan.h"

namespace tandem {

namespace {

template <typename Entry>
ConnRecord record_of(const Generation& generation, const Entry& entry, const ConnDetail& detail, std::uint32_t tick) noexcept {
  const bool has_source = entry.method == ForwardingMethod::full_nat;
  return {.protocol = entry.protocol,
          .state = entry.state,
          .flags = entry.flags,
          .client = entry.client,
          .vip = entry.vip,
          .client_port = entry.client_port.host(),
          .vip_port = entry.vip_port.host(),
          .service = detail.service,
          .backend = entry.backend_slot,
          .age_ticks = tick - detail.created,
          .idle_ticks = entry.idle_ticks(tick),
          .source = has_source ? (*generation.pools)[index(entry.own_source().pool)].address : IpAddress{},
          .source_port = detail.source_port.host()};
}

}  // namespace

bool ConnScan::take(std::uint32_t number, ConnRecord& record) noexcept {
  Numbered next;
  while (ring_.pop(next)) {
    if (next.number != number) continue;
    record = next.record;
    return true;
  }
  return false;
}

bool ConnScan::turn(WorkerState& state, const Generation& generation) noexcept {
  const std::uint32_t wanted = wanted_.load(std::memory_order_acquire);
  if (wanted == 0 || wanted == done_.load(std::memory_order_relaxed)) return false;
  if (wanted != running_) running_ = wanted, next4_ = next6_ = 0;
  if (ring_.capacity() - ring_.size() < kSlice) return true;  // the reader is slow: no slice until it has made room
  if (next4_ < state.table4().slots()) next4_ = slice(generation, state.table4(), state.expiry4().tick(), next4_);
  else if (next6_ < state.table6().slots()) next6_ = slice(generation, state.table6(), state.expiry6().tick(), next6_);
  else done_.store(wanted, std::memory_order_release);
  return true;
}

template <typename Entry>
std::size_t ConnScan::slice(const Generation& generation, ConnTable<Entry>& table, std::uint32_t tick, std::size_t from) noexcept {
  return table.walk(from, kSlice, [&](Entry& entry) { ring_.push({running_, record_of(generation, entry, table.detail(entry), tick)}); });
}

}  // namespace tandem
