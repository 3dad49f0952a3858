// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync_traffic.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <cstring>

#include "common/net/checksum.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kEthBytes = 14;
constexpr std::uint64_t kPorts = 50'000;  // of one client
constexpr std::uint16_t kFirstPort = 10'000;

}  // namespace

ClientPackets::ClientPackets(rte_mempool* pool)
    : pool_{pool},
      pattern_{test::frame()
                   .eth(test::kNode0, test::kGateway)
                   .ipv4("0.0.0.0", "10.0.0.100")
                   .udp_without_checksum(0, kLastingPort)
                   .payload(18)
                   .bytes()} {
  auto& ip = *reinterpret_cast<Ipv4Header*>(pattern_.data() + kEthBytes);
  ip.checksum = Be16{};
  ip_sum_ = sum_bytes(&ip, sizeof ip);
}

bool ClientPackets::make(std::uint64_t flow, std::uint16_t port, rte_mbuf** into) noexcept {
  *into = rte_pktmbuf_alloc(pool_);
  if (*into == nullptr) return false;
  auto* frame = reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(*into, static_cast<std::uint16_t>(pattern_.size())));
  std::memcpy(frame, pattern_.data(), pattern_.size());
  auto& ip = *reinterpret_cast<Ipv4Header*>(frame + kEthBytes);
  auto& udp = *reinterpret_cast<UdpHeader*>(frame + kEthBytes + sizeof ip);
  ip.source = Ipv4Address{Be32{0x20000000U + static_cast<std::uint32_t>(flow / kPorts)}};
  ip.checksum = finish_checksum(ip_sum_ + ip.source.value.wire);
  udp.source_port = Be16{static_cast<std::uint16_t>(kFirstPort + flow % kPorts)}, udp.target_port = Be16{port};
  return true;
}

void PacedClients::set(const Pace& pace) noexcept {
  lasting_.per_second.store(pace.lasting_per_second, std::memory_order_relaxed);
  brief_.per_second.store(pace.brief_per_second, std::memory_order_relaxed);
  known_.per_second.store(pace.known_per_second, std::memory_order_relaxed);
}

void PacedClients::accrue(WallClock::time_point now) noexcept {
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  for (Source* source : {&lasting_, &brief_, &known_}) source->owed += seconds * source->per_second.load(std::memory_order_relaxed);
  const double waiting = lasting_.owed + brief_.owed + known_.owed;
  if (waiting <= static_cast<double>(kRing)) return;
  const double kept = static_cast<double>(kRing) / waiting;
  for (Source* source : {&lasting_, &brief_, &known_}) source->owed *= kept;
  lost_.fetch_add(static_cast<std::uint64_t>(waiting * (1 - kept)), std::memory_order_relaxed);
}

// Known connections in turn, far apart in the table.
std::uint64_t PacedClients::number_of(const Source& source) noexcept {
  const std::uint64_t made = source.made.load(std::memory_order_relaxed);
  return &source == &known_ ? made * 0x9e3779b97f4a7c15ULL % std::max<std::uint64_t>(lasting(), 1) : made;
}

void PacedClients::take_from(Source& source, std::uint16_t port, rte_mbuf** burst, std::uint16_t& count, std::uint16_t room,
                             WallClock::time_point now) noexcept {
  for (; source.owed >= 1 && count < room; source.owed -= 1) {
    const std::uint64_t number = number_of(source);
    if (!packets_.make(number, port, burst + count)) return;
    if (&source == &lasting_) opened_at_[number % opened_at_.size()] = now;
    source.made.store(source.made.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    ++count;
  }
}

std::uint16_t PacedClients::receive(PortId port, std::uint16_t, rte_mbuf** burst, std::uint16_t room) noexcept {
  if (port != kClients) return 0;
  const WallClock::time_point now = WallClock::now();
  accrue(now);
  if (const std::uint64_t wanted = at_once_.load(std::memory_order_relaxed); wanted != 0 && lasting_.owed < 1) {
    const std::uint64_t some = std::min<std::uint64_t>(wanted, room);
    lasting_.owed += static_cast<double>(some);
    at_once_.fetch_sub(some, std::memory_order_relaxed);
  }
  std::uint16_t count = 0;
  take_from(lasting_, kLastingPort, burst, count, room, now);
  take_from(brief_, kBriefPort, burst, count, room, now);
  if (lasting() != 0) take_from(known_, kLastingPort, burst, count, room, now);
  offered_.fetch_add(count, std::memory_order_relaxed);
  return count;
}

std::uint16_t PacedClients::send(PortId, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept {
  rte_pktmbuf_free_bulk(burst, count);
  return count;
}

std::uint16_t Onlooker::receive(PortId port, std::uint16_t, rte_mbuf**, std::uint16_t) noexcept {
  if (port != kClients || node_ == nullptr) return 0;
  const std::uint64_t inserted = node_->applied(SyncOutcome::inserted);
  if (glances_.size() < glances_.capacity() && (glances_.empty() || glances_.back().inserted != inserted))
    glances_.push_back({inserted, WallClock::now()});
  return 0;
}

std::uint16_t Onlooker::send(PortId, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept {
  rte_pktmbuf_free_bulk(burst, count);
  return count;
}

}  // namespace tandem::bench
