// SPDX-License-Identifier: Apache-2.0
// What all processors of this machine were busy with since it started, in seconds: programs, the kernel, and its interrupts, which
// belong to no program. In steps of a clock tick (10 ms).
#pragma once

#include <unistd.h>

#include <fstream>
#include <string>

namespace tandem::load {

inline double machine_cpu_seconds() {
  std::ifstream file{"/proc/stat"};
  std::string word;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, hard = 0, soft = 0;
  file >> word >> user >> nice >> system >> idle >> waiting >> hard >> soft;
  return (user + nice + system + hard + soft) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace tandem::load
