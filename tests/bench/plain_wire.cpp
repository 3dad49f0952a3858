// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/plain_wire.h"

#include <rte_mbuf.h>

#include <array>

#include "dataplane/io/eal.h"
#include "tests/bench/pinning.h"

namespace tandem::bench {

void PlainWire::carry(PortId from, PortId to) noexcept {
  std::array<rte_mbuf*, 32> burst;
  const std::uint16_t count = wire_.receive(from, 0, burst.data(), burst.size());
  const std::uint16_t sent = count == 0 ? std::uint16_t{0} : wire_.send(to, 0, burst.data(), count);
  if (sent < count) rte_pktmbuf_free_bulk(burst.data() + sent, count - sent);
}

void PlainWire::start(unsigned core) {
  stop_.store(false);
  thread_ = std::thread{[this, core] {
    pin_to(core);
    ensure(register_thread());
    while (!stop_.load(std::memory_order_relaxed)) carry(PortId{0}, PortId{1}), carry(PortId{1}, PortId{0});
    unregister_thread();
  }};
}

void PlainWire::stop() {
  if (!thread_.joinable()) return;
  stop_.store(true);
  thread_.join();
}

}  // namespace tandem::bench
