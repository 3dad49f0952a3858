// SPDX-License-Identifier: Apache-2.0
// Bytes that end exactly where a page without access begins: one byte read too far ends the test, in every variant.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <span>

#include "common/base/ensure.h"

namespace tandem::test {

class Guarded {
 public:
  // `room_before`: bytes in front of them that may be written.
  explicit Guarded(std::span<const std::uint8_t> bytes, std::size_t room_before = 0)
      : page_{static_cast<std::size_t>(sysconf(_SC_PAGESIZE))},
        mapped_{(bytes.size() + room_before + page_ - 1) / page_ * page_ + page_},
        size_{bytes.size()} {
    void* mapped = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ensure(mapped != MAP_FAILED);
    start_ = static_cast<std::uint8_t*>(mapped);
    ensure(mprotect(start_ + mapped_ - page_, page_, PROT_NONE) == 0);
    if (size_ != 0) std::memcpy(data(), bytes.data(), size_);
  }
  ~Guarded() { munmap(start_, mapped_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  std::uint8_t* data() { return start_ + mapped_ - page_ - size_; }
  std::size_t size() const { return size_; }

 private:
  std::size_t page_, mapped_, size_;
  std::uint8_t* start_ = nullptr;
};

}  // namespace tandem::test
