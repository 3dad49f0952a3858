// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/hugepages.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace tandem::bench {
namespace {

constexpr const char* kSetting = "/proc/sys/vm/nr_hugepages";
constexpr int kTries = 5;
constexpr std::size_t kPageBytes = std::size_t{2} << 20;

long read_number(const char* path) {
  std::ifstream file{path};
  long number = -1;
  file >> number;
  return number;
}

long free_pages() {
  std::ifstream file{"/proc/meminfo"};
  for (std::string word; file >> word;) {
    long number = 0;
    if (word == "HugePages_Free:" && file >> number) return number;
  }
  return 0;
}

void write_setting(long pages) { std::ofstream{kSetting} << pages; }

}  // namespace

Hugepages::Hugepages(std::size_t bytes) {
  const long wanted = static_cast<long>((bytes + kPageBytes - 1) / kPageBytes);
  const long missing = wanted - free_pages();
  if (missing > 0) {
    const long before = read_number(kSetting);
    // The kernel stops at the first page it cannot put together at once; asked again, it goes on.
    for (int i = 0; i < kTries && read_number(kSetting) < before + missing; ++i) write_setting(before + missing);
    added_ = read_number(kSetting) - before;
  }
  enough_ = free_pages() >= wanted;
}

Hugepages::~Hugepages() {
  if (added_ > 0) write_setting(std::max(0L, read_number(kSetting) - added_));  // others may have reserved meanwhile
}

}  // namespace tandem::bench
