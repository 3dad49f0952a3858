// SPDX-License-Identifier: Apache-2.0
// Where a control thread asks a worker to look at what it has of a flow (pipeline/glance.h), one question at a time.
// Threads: ask(), is_open() the control thread; turn() the worker, between bursts: a few look-ups.
#pragma once

#include <atomic>

#include "dataplane/pipeline/glance.h"

namespace tandem {

class GlanceDesk {
 public:
  void ask(FlowGlance& glance) noexcept { asked_.store(&glance, std::memory_order_release); }  // which stays while the desk is open
  bool is_open() const noexcept { return asked_.load(std::memory_order_acquire) != nullptr; }

  bool turn(const WorkerContext& context) noexcept {  // true: there was something to do
    FlowGlance* const glance = asked_.load(std::memory_order_acquire);
    if (glance == nullptr) return false;
    glance->look(context);
    asked_.store(nullptr, std::memory_order_release);
    return true;
  }

 private:
  std::atomic<FlowGlance*> asked_{nullptr};
};

}  // namespace tandem
