// SPDX-License-Identifier: Apache-2.0
// Ends connections that nobody sends anything on (pipeline/cut.h): those of a backend whose fate became `cut`, found by a walk over the
// worker's tables, a slice per loop; and single ones, as an operator orders. Only what this node owns: the other node's are ended there,
// and it tells.
// Threads: turn() the worker; orders().push() one control thread.
#pragma once

#include "common/base/spsc_ring.h"
#include "dataplane/conn/events.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

class Cutter {
 public:
  static constexpr std::size_t kSlice = 64, kOrders = 1024;
  static_assert(2 * kSlice <= OwnSegments::kRoom, "a slice finds room for both ends of each");

  Cutter() : orders_{kOrders} {}

  SpscRing<CutOrder>& orders() noexcept { return orders_; }
  bool turn(const WorkerContext& context) noexcept;  // true: there was something to do

 private:
  bool obey(const WorkerContext& context) noexcept;
  bool sweep(const WorkerContext& context) noexcept;
  template <typename Entry>
  std::size_t slice(const WorkerContext& context, const Connections<Entry>& connections, std::size_t from) noexcept;

  SpscRing<CutOrder> orders_;
  std::uint32_t seen_cuts_ = 0;
  bool sweeping_ = false;
  std::size_t next4_ = 0, next6_ = 0;
};

}  // namespace tandem
