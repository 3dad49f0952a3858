// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>

namespace tandem {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

std::size_t whole_pages(std::size_t bytes) { return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes; }

void unmap(void* start, std::size_t bytes) { munmap(start, bytes); }

void* map(std::size_t bytes, int flags) {
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return start == MAP_FAILED ? nullptr : start;
}

// A transparent huge page needs an aligned address, so one page too many is mapped and the ends given back.
void* map_aligned(std::size_t bytes) {
  auto* start = static_cast<std::uint8_t*>(map(bytes + kHugePageBytes, 0));
  if (start == nullptr) return nullptr;
  const std::size_t before = (kHugePageBytes - reinterpret_cast<std::uintptr_t>(start) % kHugePageBytes) % kHugePageBytes;
  if (before != 0) munmap(start, before);
  munmap(start + before + bytes, kHugePageBytes - before);
  return start + before;
}

}  // namespace

MemoryBlock anonymous_memory(std::size_t bytes) noexcept {
  bytes = whole_pages(bytes);
  void* start = map_aligned(bytes);
  if (start == nullptr) return {};
  madvise(start, bytes, MADV_HUGEPAGE);  // a wish: without it the table works, slower
  std::memset(start, 0, bytes);
  return MemoryBlock{start, bytes, unmap};
}

MemoryBlock hugetlb_memory(std::size_t bytes) noexcept {
  bytes = whole_pages(bytes);
  void* start = map(bytes, MAP_HUGETLB | MAP_POPULATE);
  return start == nullptr ? MemoryBlock{} : MemoryBlock{start, bytes, unmap};
}

}  // namespace tandem
