// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/hugepages.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>

namespace tandem {

namespace {

std::uint64_t read_number(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long long value = 0;
  const bool read = std::fscanf(file, "%llu", &value) == 1;
  std::fclose(file);
  return read ? value : 0;
}

std::uint64_t minus(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

std::string mib(std::uint64_t bytes) { return std::to_string((bytes + 1024 * 1024 - 1) / (1024 * 1024)) + " MiB"; }

}  // namespace

HugepagesFree free_hugepages(const std::string& root) {
  const std::uint64_t free = minus(read_number(root + "/free_hugepages"), read_number(root + "/resv_hugepages"));
  const std::uint64_t overcommit = minus(read_number(root + "/nr_overcommit_hugepages"), read_number(root + "/surplus_hugepages"));
  return {free + overcommit};
}

bool hugepages_can_be_had(std::uint64_t bytes) {
  const std::uint64_t rounded = (bytes + kHugepageBytes - 1) / kHugepageBytes * kHugepageBytes;
  void* const memory = mmap(nullptr, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (memory == MAP_FAILED) return false;
  munmap(memory, rounded);
  return true;
}

Result<bool> choose_hugepages(HugepageWish wish, std::uint64_t needed_bytes, std::uint64_t free_pages, std::string& note) {
  if (wish == HugepageWish::off) {
    note = "4 KiB pages, as configured";
    return false;
  }
  const std::string short_of = mib(needed_bytes) + " of 2 MiB pages are needed, " + mib(free_pages * kHugepageBytes) + " are free";
  if (free_pages * kHugepageBytes >= needed_bytes) return true;
  if (wish == HugepageWish::on) return fail("hugepages are demanded but " + short_of + "; scripts/setup-host reserves them");
  note = "4 KiB pages: " + short_of;
  return false;
}

}  // namespace tandem
