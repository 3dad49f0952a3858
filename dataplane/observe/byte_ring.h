// SPDX-License-Identifier: Apache-2.0
// A bounded queue of records of any length from one thread to one other. What is laid down is seen by nobody before it is shown,
// and may be taken back until then: a sender knows only afterwards which of its packets were taken. Never blocks: without room a
// record is refused. A record lies in one piece; where it does not fit before the end, the rest of the ring is skipped.
// Threads: lay(), mark(), show(), take_back() the producer; pop() the consumer.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "common/base/cache_line.h"
#include "common/base/ensure.h"

namespace tandem {

class ByteRing {
 public:
  using Bytes = std::span<const std::byte>;
  using Mark = std::uint64_t;  // a place behind all that was laid so far

  explicit ByteRing(std::size_t capacity) : bytes_{std::make_unique<std::byte[]>(capacity)}, mask_{capacity - 1} {
    ensure(std::has_single_bit(capacity) && capacity >= 64);
  }

  bool lay(Bytes head, Bytes body) noexcept {
    const std::size_t length = padded(kLengthBytes + head.size() + body.size()), left = capacity() - (laid_ & mask_);
    const std::size_t skipped = length <= left ? 0 : left;
    if (length > capacity() / 2 || !has_room(skipped + length)) return false;
    if (skipped != 0) write_length(laid_, kSkip), laid_ += skipped;
    std::byte* const at = bytes_.get() + (laid_ & mask_);
    write_length(laid_, static_cast<std::uint32_t>(head.size() + body.size()));
    std::memcpy(at + kLengthBytes, head.data(), head.size());
    if (!body.empty()) std::memcpy(at + kLengthBytes + head.size(), body.data(), body.size());
    laid_ += length;
    return true;
  }
  Mark mark() const noexcept { return laid_; }
  void show(Mark until) noexcept { shown_.store(until, std::memory_order_release); }
  void show() noexcept { show(laid_); }
  void take_back() noexcept { laid_ = shown_.load(std::memory_order_relaxed); }

  // Calls handle(Bytes) with the oldest record; false: none is shown.
  template <typename Handle>
  bool pop(Handle&& handle) {
    std::uint64_t at = taken_.load(std::memory_order_relaxed);
    const std::uint64_t shown = shown_.load(std::memory_order_acquire);
    if (at == shown) return false;
    if (length_at(at) == kSkip) at += capacity() - (at & mask_);
    const std::uint32_t length = length_at(at);
    handle(Bytes{bytes_.get() + (at & mask_) + kLengthBytes, length});
    taken_.store(at + padded(kLengthBytes + length), std::memory_order_release);
    return true;
  }

  std::size_t capacity() const noexcept { return mask_ + 1; }

 private:
  static constexpr std::size_t kLengthBytes = 8;      // four of them used: what follows is aligned
  static constexpr std::uint32_t kSkip = 0xffffffff;  // in the place of a length: go on at the ring's beginning
  static constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 7) & ~std::size_t{7}; }

  bool has_room(std::size_t bytes) noexcept {
    if (laid_ + bytes - seen_taken_ <= capacity()) return true;
    seen_taken_ = taken_.load(std::memory_order_acquire);
    return laid_ + bytes - seen_taken_ <= capacity();
  }
  void write_length(std::uint64_t at, std::uint32_t length) noexcept { std::memcpy(bytes_.get() + (at & mask_), &length, sizeof length); }
  std::uint32_t length_at(std::uint64_t at) const noexcept {
    std::uint32_t length;
    std::memcpy(&length, bytes_.get() + (at & mask_), sizeof length);
    return length;
  }

  std::unique_ptr<std::byte[]> bytes_;
  std::size_t mask_;
  alignas(kCacheLineBytes) std::uint64_t laid_ = 0;
  std::uint64_t seen_taken_ = 0;
  std::atomic<std::uint64_t> shown_{0};
  alignas(kCacheLineBytes) std::atomic<std::uint64_t> taken_{0};
};

}  // namespace tandem
