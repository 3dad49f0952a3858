// SPDX-License-Identifier: Apache-2.0
// A bounded queue from one thread to one other, of values that may be copied byte by byte. Never blocks: a full ring
// refuses, an empty one gives nothing. Each side keeps its own copy of the other's index, so an idle poll costs one line.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "common/base/cache_line.h"
#include "common/base/ensure.h"

namespace tandem {

template <typename T>
  requires std::is_trivially_copyable_v<T>
class SpscRing {
 public:
  explicit SpscRing(std::size_t capacity) : slots_{std::make_unique<T[]>(capacity)}, mask_{capacity - 1} {
    ensure(std::has_single_bit(capacity));
  }

  // Producer alone. False when full: the caller counts it.
  bool push(const T& value) noexcept {
    const std::size_t at = tail_.load(std::memory_order_relaxed);
    if (at - seen_head_ > mask_) {
      seen_head_ = head_.load(std::memory_order_acquire);
      if (at - seen_head_ > mask_) return false;
    }
    slots_[at & mask_] = value;
    tail_.store(at + 1, std::memory_order_release);
    return true;
  }

  // Consumer alone. False when empty.
  bool pop(T& value) noexcept {
    const std::size_t at = head_.load(std::memory_order_relaxed);
    if (at == seen_tail_) {
      seen_tail_ = tail_.load(std::memory_order_acquire);
      if (at == seen_tail_) return false;
    }
    value = slots_[at & mask_];
    head_.store(at + 1, std::memory_order_release);
    return true;
  }

  // Either side, or a third: how many wait, as of a moment ago.
  std::size_t size() const noexcept {
    const std::size_t head = head_.load(std::memory_order_acquire);
    return tail_.load(std::memory_order_acquire) - head;
  }

  std::size_t capacity() const noexcept { return mask_ + 1; }

 private:
  std::unique_ptr<T[]> slots_;
  std::size_t mask_;
  alignas(kCacheLineBytes) std::atomic<std::size_t> tail_{0};
  std::size_t seen_head_ = 0;
  alignas(kCacheLineBytes) std::atomic<std::size_t> head_{0};
  std::size_t seen_tail_ = 0;
};

}  // namespace tandem
