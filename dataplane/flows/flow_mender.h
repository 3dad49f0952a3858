// SPDX-License-Identifier: Apache-2.0
// Sets right what the sums showed to differ (conn/mend_order.h): a walk over the tables in which every connection of a bucket that
// was named is told as it is, if it is ours, and asked about, if we hold it for the peer. The owner's answer is an ordinary record
// of its stream, so that order decides, and nothing is dropped that the owner has.
// Threads: the owning worker alone.
#pragma once

#include "dataplane/pipeline/context.h"

namespace tandem {

class FlowMender {
 public:
  static constexpr std::size_t kSlice = 512;

  FlowMender(FlowDesk& desk, WorkerCounters& counters) : desk_{desk}, counters_{counters} {}

  bool turn(const WorkerContext& context) noexcept;  // true: there was something to do

 private:
  template <typename Entry>
  void visit(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept;
  template <typename Entry>
  void say(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, Operation operation, GroupId group) noexcept;

  FlowDesk& desk_;
  WorkerCounters& counters_;
  std::uint32_t order_ = 0;  // the one under way, or the last
  bool done_ = true;
  std::size_t next_ = 0;
};

}  // namespace tandem
