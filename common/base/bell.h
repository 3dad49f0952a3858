// SPDX-License-Identifier: Apache-2.0
// Wakes one thread that waits for what others lay into rings: one write at most until it has looked.
#pragma once

#include <atomic>

namespace tandem {

class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  void ring() noexcept;    // any thread, after it laid something down
  void answer() noexcept;  // the one that waits, before it looks into the rings
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
  std::atomic<bool> waits_{true};
};

}  // namespace tandem
