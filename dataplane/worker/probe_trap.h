// SPDX-License-Identifier: Apache-2.0
// Frames that `port verify` sends, taken out of a burst before the pipeline sees them: what matters is where and how they arrive. A secret
// of the run tells them from all others. While none is run, and that is nearly always, a burst pays one test.
// Threads: the desk's secret is set by the control thread; a trap is one worker's, its sights are read by the control thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/ids.h"
#include "common/base/spsc_ring.h"

struct rte_mbuf;

namespace tandem {

// Behind the UDP header of each probe.
struct ProbeMark {
  std::uint64_t secret = 0;
  std::uint32_t number = 0, zero = 0;
};

enum class SeenChecksum : std::uint8_t { unsaid, good, bad };  // the device's word on the IPv4 header's

struct ProbeSight {
  std::uint32_t number = 0, frame_bytes = 0;
  PortId port{};
  std::uint16_t queue = 0;
  SeenChecksum checksum = SeenChecksum::unsaid;
  bool tagged = false, stripped = false;  // the VLAN tag is in the frame; the device took it out
};

class ProbeDesk {
 public:
  void begin(std::uint64_t secret) noexcept { secret_.store(secret, std::memory_order_release); }
  void end() noexcept { begin(0); }
  std::uint64_t secret() const noexcept { return secret_.load(std::memory_order_relaxed); }  // 0: none is run

 private:
  std::atomic<std::uint64_t> secret_{0};
};

class ProbeTrap {
 public:
  ProbeTrap() : sights_{1024} {}

  // Frees the probes; returns how many other frames are left, at the burst's front and in their order.
  std::uint16_t take(std::uint64_t secret, PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept;
  bool pop(ProbeSight& sight) noexcept { return sights_.pop(sight); }

 private:
  SpscRing<ProbeSight> sights_;
};

}  // namespace tandem
