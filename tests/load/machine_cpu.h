// SPDX-License-Identifier: Apache-2.0
// What all processors of this machine were busy with since it started, in seconds: programs, the kernel, and its interrupts, which
// belong to no program. All time less idle time, which the kernel measures at each sleep; the busy fields of /proc/stat are guesses of who
// runs when a clock tick comes, and wrong by half where work keeps time with the ticks, as whatever is paced does. In steps of 10 ms.
#pragma once

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

namespace tandem::load {

inline double machine_cpu_seconds() {
  std::ifstream file{"/proc/stat"};
  std::string word;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0;
  file >> word >> user >> nice >> system >> idle >> waiting;
  const double length = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  return length * static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)) - (idle + waiting) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace tandem::load
