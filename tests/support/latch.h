// SPDX-License-Identifier: Apache-2.0
// Holds one thread up at a place until another lets it go. The other knows that it stands there.
#pragma once

#include <semaphore>

namespace tandem::test {

class Latch {
 public:
  void stop() noexcept { reached_.release(), opened_.acquire(); }  // the thread that is held up
  void wait() noexcept { reached_.acquire(); }                     // the other, until it is
  void open() noexcept { opened_.release(); }

 private:
  std::binary_semaphore reached_{0}, opened_{0};
};

}  // namespace tandem::test
