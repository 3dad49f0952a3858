// SPDX-License-Identifier: Apache-2.0
// How much of 2 MiB pages could be had now, and whether to use them. Reads sysfs; `root` is handed in for tests.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace tandem {

inline constexpr std::uint64_t kHugepageBytes = 2 * 1024 * 1024;

struct HugepagesFree {
  std::uint64_t pages = 0;  // free and not promised to others, and what overcommit would still allow
};

HugepagesFree free_hugepages(const std::string& root = "/sys/kernel/mm/hugepages/hugepages-2048kB");

// Asks the kernel for that much and gives it back at once: a limit (cgroup, rlimit) shows here and not in the middle of EAL.
bool hugepages_can_be_had(std::uint64_t bytes);

enum class HugepageWish : std::uint8_t { automatic, on, off };

// True: use them. An error when they are demanded and not there; `note` says why 4 KiB pages are taken otherwise.
Result<bool> choose_hugepages(HugepageWish wish, std::uint64_t needed_bytes, std::uint64_t free_pages, std::string& note);

}  // namespace tandem
