// SPDX-License-Identifier: Apache-2.0
// Two cables of shared memory in this process: the near ends are ports as the node opens them, the far ends its clients' and servers'.
// Threads: made and ended by one; each end's queues belong to whoever polls them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dataplane/io/ethdev_wire.h"
#include "dataplane/io/port.h"

namespace tandem::bench {

class MemifCables {
 public:
  static constexpr unsigned kCables = 2;

  explicit MemifCables(rte_mempool* pool);  // connected; aborts when they cannot be
  ~MemifCables();
  MemifCables(const MemifCables&) = delete;
  MemifCables& operator=(const MemifCables&) = delete;

  Wire& near() { return near_; }
  Wire& far() { return far_; }

 private:
  std::unique_ptr<Port> open(unsigned id, const std::string& device, rte_mempool* pool, EthdevWire& wire, unsigned cable);

  std::string folder_;
  std::vector<std::unique_ptr<Port>> ports_;
  EthdevWire near_, far_;
};

}  // namespace tandem::bench
