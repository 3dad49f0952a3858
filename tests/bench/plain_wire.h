// SPDX-License-Identifier: Apache-2.0
// What carries frames from each of two ports to the other and does nothing else: what a node in its place adds is the difference.
// Threads: one that starts and stops it; its own on the core that was named.
#pragma once

#include <atomic>
#include <thread>

#include "dataplane/io/wire.h"

namespace tandem::bench {

class PlainWire {
 public:
  explicit PlainWire(Wire& wire) : wire_{wire} {}
  ~PlainWire() { stop(); }
  PlainWire(const PlainWire&) = delete;
  PlainWire& operator=(const PlainWire&) = delete;

  void start(unsigned core);
  void stop();

 private:
  void carry(PortId from, PortId to) noexcept;

  Wire& wire_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tandem::bench
