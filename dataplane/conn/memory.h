// SPDX-License-Identifier: Apache-2.0
// Zeroed memory of a table, taken once at construction. Whoever has hugepages (rte_malloc) hands in a block with its own
// release; anonymous_memory() asks the kernel for transparent ones.
#pragma once

#include <cstddef>
#include <utility>

namespace tandem {

class MemoryBlock {
 public:
  using Release = void (*)(void* start, std::size_t bytes);

  MemoryBlock() = default;
  MemoryBlock(void* start, std::size_t bytes, Release release) noexcept : start_{start}, bytes_{bytes}, release_{release} {}
  MemoryBlock(MemoryBlock&& other) noexcept { *this = std::move(other); }
  MemoryBlock& operator=(MemoryBlock&& other) noexcept {
    std::swap(start_, other.start_), std::swap(bytes_, other.bytes_), std::swap(release_, other.release_);
    return *this;
  }
  ~MemoryBlock() {
    if (start_ != nullptr && release_ != nullptr) release_(start_, bytes_);
  }

  void* start() const noexcept { return start_; }
  std::size_t bytes() const noexcept { return bytes_; }
  explicit operator bool() const noexcept { return start_ != nullptr; }

 private:
  void* start_ = nullptr;
  std::size_t bytes_ = 0;
  Release release_ = nullptr;
};

// 2 MiB aligned, faulted in (a worker must not take page faults), MADV_HUGEPAGE. Empty when the kernel refuses.
MemoryBlock anonymous_memory(std::size_t bytes) noexcept;

// The same on pages of vm.nr_hugepages. Empty when too few are free.
MemoryBlock hugetlb_memory(std::size_t bytes) noexcept;

}  // namespace tandem
