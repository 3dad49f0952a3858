// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/process_facts.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tandem {
namespace {

double seconds_of(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; }

std::uint64_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t open_descriptors() {
  std::error_code ignored;
  std::uint64_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd", ignored}) ++count;
  return count;
}

}  // namespace

void fill_process_facts(api::Snapshot& snapshot) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  snapshot.process_cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  snapshot.process_resident_bytes = resident_bytes();
  snapshot.process_open_fds = open_descriptors();
}

}  // namespace tandem
