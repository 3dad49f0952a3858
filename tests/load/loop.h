// SPDX-License-Identifier: Apache-2.0
// One thread's descriptors, waited for together; and the wish to stop, which comes as SIGTERM or SIGINT.
// What is watched is owned elsewhere and outlives the watch. A closed descriptor is forgotten by the kernel.
#pragma once

#include <cstdint>

#include "common/base/clock.h"

namespace tandem::load {

class Watched {
 public:
  virtual ~Watched() = default;
  virtual void ready(std::uint32_t events) = 0;  // EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void watch(int descriptor, std::uint32_t events, Watched& watched);
  void change(int descriptor, std::uint32_t events, Watched& watched);
  void forget(int descriptor);
  // Tells everybody who is ready; returns after `at_most` when nobody is.
  void wait(Nanoseconds at_most);
  static bool asked_to_stop();
  static Instant now();

 private:
  int epoll_;
};

// As Python's time.monotonic() would say it, so that a test can compare.
double seconds(Instant at);
double seconds(Nanoseconds length);

}  // namespace tandem::load
