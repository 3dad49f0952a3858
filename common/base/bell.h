// SPDX-License-Identifier: Apache-2.0
// Wakes one thread that waits for what others lay into rings: one write at most until it has looked. Whoever waits for nothing else answers
// each time; whoever looks into his rings all the time anyway listens only before he sleeps, and is rung for no longer than that.
#pragma once

#include <atomic>

namespace tandem {

class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  void ring() noexcept;                                                      // any thread, after it laid something down
  void answer() noexcept;                                                    // the one that waits, before it looks into the rings
  void listen() noexcept { waits_.store(true, std::memory_order_seq_cst); }  // before the last look into the rings
  void stop_listening() noexcept { waits_.store(false, std::memory_order_relaxed); }
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
  std::atomic<bool> waits_{true};
};

}  // namespace tandem
