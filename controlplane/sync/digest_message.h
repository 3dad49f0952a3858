// SPDX-License-Identifier: Apache-2.0
// What the two nodes say about sums of their connections (docs/design/pair-sync.md). Who holds connections for the other asks;
// the owner answers at once and remembers nothing, so a word that is lost is asked for again.
// A side's 32,768 sums are shown as pages of 128: pages 0 and 1 have the sums over each of the 256 others. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "controlplane/sync/kdf.h"
#include "dataplane/conn/flow_side.h"

namespace tandem::sync {

inline constexpr std::size_t kPageSums = 128, kBucketPages = kFlowBuckets / kPageSums, kTopPages = kBucketPages / kPageSums;
inline constexpr std::size_t kPages = kTopPages + kBucketPages;
static_assert(kTopPages * kPageSums == kBucketPages);

using PageSums = std::array<std::uint64_t, kPageSums>;

struct DigestQuestion {
  enum class About : std::uint8_t { pages = 1, buckets, mend } about{};  // mend: these differ for certain: tell them whole
  std::vector<std::uint16_t> numbers;

  static constexpr std::size_t kAtMost = 600;  // numbers a datagram
  friend bool operator==(const DigestQuestion&, const DigestQuestion&) = default;
};

struct DigestPage {
  std::uint16_t number = 0;
  std::uint32_t groups = 0;  // that these are sums of, a bit each
  PageSums sums{};

  friend bool operator==(const DigestPage&, const DigestPage&) = default;
};

struct BucketSum {
  std::uint16_t bucket = 0;
  std::uint64_t sum = 0;

  friend bool operator==(const BucketSum&, const BucketSum&) = default;
};
struct DigestBuckets {
  std::uint32_t groups = 0;
  std::vector<BucketSum> sums;

  static constexpr std::size_t kAtMost = 120;
  friend bool operator==(const DigestBuckets&, const DigestBuckets&) = default;
};

// One of the two, by what was asked.
struct DigestAnswer {
  std::optional<DigestPage> page;
  std::optional<DigestBuckets> buckets;
};

std::vector<std::uint8_t> encode(const DigestQuestion& question);
std::vector<std::uint8_t> encode(const DigestPage& page);
std::vector<std::uint8_t> encode(const DigestBuckets& buckets);

// None: not what it should be; no number lies outside its range.
std::optional<DigestQuestion> decode_question(Bytes bytes);
std::optional<DigestAnswer> decode_answer(Bytes bytes);

}  // namespace tandem::sync
