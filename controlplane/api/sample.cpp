// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/sample.h"

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

double per_second(std::uint64_t before, std::uint64_t after, const Sample& from, const Sample& to) {
  const double seconds = std::chrono::duration<double>(to.at - from.at).count();
  return seconds > 0 && after > before ? static_cast<double>(after - before) / seconds : 0;
}

api::Rates rates_between(const Sample& from, const Sample& to) {
  return {per_second(from.balance.rx, to.balance.rx, from, to),
          per_second(from.new_connections_total(), to.new_connections_total(), from, to),
          per_second(from.dropped_total(), to.dropped_total(), from, to)};
}

}  // namespace

BackendSums& BackendSums::operator+=(const BackendSums& other) {
  received_packets += other.received_packets, received_bytes += other.received_bytes;
  transmitted_packets += other.transmitted_packets, transmitted_bytes += other.transmitted_bytes;
  new_connections += other.new_connections, lent += other.lent, exceptions += other.exceptions;
  closed_finished += other.closed_finished, closed_reset += other.closed_reset, closed_expired += other.closed_expired;
  closed_cut += other.closed_cut;
  unanswered_syns += other.unanswered_syns, opened += other.opened, removed += other.removed, lingering += other.lingering;
  answered += other.answered, refused += other.refused;
  return *this;
}

BackendSums& BackendSums::operator-=(const BackendSums& other) {
  received_packets -= other.received_packets, received_bytes -= other.received_bytes;
  transmitted_packets -= other.transmitted_packets, transmitted_bytes -= other.transmitted_bytes;
  new_connections -= other.new_connections, lent -= other.lent, exceptions -= other.exceptions;
  closed_finished -= other.closed_finished, closed_reset -= other.closed_reset, closed_expired -= other.closed_expired;
  closed_cut -= other.closed_cut;
  unanswered_syns -= other.unanswered_syns, opened -= other.opened, removed -= other.removed, lingering -= other.lingering;
  answered -= other.answered, refused -= other.refused;
  return *this;
}

BackendSums Sample::of(const std::vector<BackendSlot>& slots_of_backend) const {
  BackendSums sums;
  for (const BackendSlot slot : slots_of_backend)
    if (index(slot) < slots.size()) sums += slots[index(slot)];
  return sums;
}

std::uint64_t Sample::dropped_total() const {
  std::uint64_t total = 0;
  for (const auto& [reason, packets] : balance.dropped) total += packets;
  return total;
}

std::uint64_t Sample::dropped(const std::string& reason) const {
  const auto found = balance.dropped.find(reason);
  return found == balance.dropped.end() ? 0 : found->second;
}

std::uint64_t Sample::new_connections_total() const {
  std::uint64_t total = 0;
  for (const BackendSums& sums : slots) total += sums.new_connections;
  return total;
}

void RateWindow::add(Sample sample) {
  samples_.push_back(std::move(sample));
  if (samples_.size() > kSeconds) samples_.pop_front();
}

api::Rates RateWindow::now() const { return before_latest() ? rates_between(*before_latest(), samples_.back()) : api::Rates{}; }

api::Rates RateWindow::peak() const {
  api::Rates peak;
  for (std::size_t i = 1; i < samples_.size(); ++i) {
    const api::Rates rates = rates_between(samples_[i - 1], samples_[i]);
    peak.packets_per_second = std::max(peak.packets_per_second, rates.packets_per_second);
    peak.new_connections_per_second = std::max(peak.new_connections_per_second, rates.new_connections_per_second);
    peak.drops_per_second = std::max(peak.drops_per_second, rates.drops_per_second);
  }
  return peak;
}

double RateWindow::new_connections_per_second(const std::vector<BackendSlot>& slots) const {
  if (!before_latest()) return 0;
  return per_second(before_latest()->of(slots).new_connections, samples_.back().of(slots).new_connections, *before_latest(),
                    samples_.back());
}

double RateWindow::drops_per_second(const std::string& reason) const {
  if (!before_latest()) return 0;
  return per_second(before_latest()->dropped(reason), samples_.back().dropped(reason), *before_latest(), samples_.back());
}

}  // namespace tandem
