// SPDX-License-Identifier: Apache-2.0
// Wires of a node that syncs. Threads: the worker's own; the main thread sets the pace, and reads once the worker has stopped.
#pragma once

#include <rte_mempool.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "dataplane/io/wire.h"
#include "tests/bench/sync_world.h"

namespace tandem::bench {

using WallClock = std::chrono::steady_clock;

// Writes UDP packets of clients, numbered.
class ClientPackets {
 public:
  explicit ClientPackets(rte_mempool* pool);
  bool make(std::uint64_t flow, std::uint16_t port, rte_mbuf** into) noexcept;  // false: no buffer

 private:
  rte_mempool* pool_;
  test::Bytes pattern_;
  std::uint64_t ip_sum_ = 0;  // of the header without its client
};

// What clients send, at a pace that does not wait for the worker: packets that come due meanwhile wait in a ring as long as a port's,
// and what finds no room there is lost.
class PacedClients final : public Wire {
 public:
  static constexpr std::uint64_t kRing = 1024;
  struct Pace {
    double lasting_per_second = 0, brief_per_second = 0;  // new connections
    double known_per_second = 0;                          // packets of connections that are there
  };

  explicit PacedClients(rte_mempool* pool) : packets_{pool}, opened_at_(1 << 22) {}

  void set(const Pace& pace) noexcept;                                                               // from now on
  void open(std::uint64_t count) noexcept { at_once_.fetch_add(count, std::memory_order_relaxed); }  // as fast as they are taken

  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override;

  // Since the start.
  std::uint64_t lasting() const noexcept { return lasting_.made.load(std::memory_order_acquire); }
  std::uint64_t brief() const noexcept { return brief_.made.load(std::memory_order_acquire); }
  std::uint64_t offered() const noexcept { return offered_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }
  WallClock::time_point opened_at(std::uint64_t lasting) const { return opened_at_[lasting]; }

 private:
  struct Source {
    std::atomic<double> per_second{0};
    double owed = 0;
    std::atomic<std::uint64_t> made{0};
  };
  void take_from(Source& source, std::uint16_t port, rte_mbuf** burst, std::uint16_t& count, std::uint16_t room,
                 WallClock::time_point now) noexcept;
  void accrue(WallClock::time_point now) noexcept;
  std::uint64_t number_of(const Source& source) noexcept;

  ClientPackets packets_;
  Source lasting_, brief_, known_;
  std::atomic<std::uint64_t> at_once_{0}, offered_{0}, lost_{0};
  std::vector<WallClock::time_point> opened_at_;  // by number of the lasting connection
  WallClock::time_point last_ = WallClock::now();
};

// No packets; remembers how many records the worker had taken in, and when.
class Onlooker final : public Wire {
 public:
  struct Glance {
    std::uint64_t inserted = 0;
    WallClock::time_point when;
  };
  void watch(const SyncNode& node) noexcept { node_ = &node; }
  const std::vector<Glance>& glances() const { return glances_; }
  void forget() { glances_.clear(); }

  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept override;

 private:
  const SyncNode* node_ = nullptr;
  std::vector<Glance> glances_ = [] {
    std::vector<Glance> room;
    room.reserve(1 << 22);
    return room;
  }();
};

}  // namespace tandem::bench
