// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/digest_answers.h"

#include <numeric>

namespace tandem::sync {

std::optional<DigestPage> read_page(FlowWorkers& workers, FlowSide side, std::uint16_t number) {
  DigestPage page{number, 0, {}};
  std::optional<std::uint32_t> groups;
  if (number >= kTopPages) {
    groups = workers.read_sums(side, (number - kTopPages) * kPageSums, page.sums);
  } else {
    std::vector<std::uint64_t> below(kPageSums * kPageSums);
    groups = workers.read_sums(side, number * below.size(), below);
    for (std::size_t i = 0; i < kPageSums; ++i) {
      const auto first = below.begin() + static_cast<std::ptrdiff_t>(i * kPageSums);
      page.sums[i] = std::accumulate(first, first + kPageSums, std::uint64_t{0});
    }
  }
  if (!groups) return std::nullopt;
  page.groups = *groups;
  return page;
}

void DigestAnswers::hear(const DigestQuestion& question) {
  for (const std::uint16_t number : question.numbers) {
    if (question.about == DigestQuestion::About::pages) pages_.set(number);
    else if (question.about == DigestQuestion::About::buckets) buckets_.set(number);
    else if (mend_.size() < kFlowBuckets) mend_.push_back(number);
  }
}

void DigestAnswers::tick(bool may_answer, const SendDigest& send) {
  if (!may_answer) return;
  std::size_t answered = 0;
  for (std::size_t page = pages_._Find_first(); page < kPages && answered < kPagesAtOnce; page = pages_._Find_next(page), ++answered) {
    answer_page(static_cast<std::uint16_t>(page), send);
    pages_.reset(page);
  }
  std::vector<std::uint16_t> buckets;
  for (std::size_t bucket = buckets_._Find_first(); bucket < kFlowBuckets; bucket = buckets_._Find_next(bucket))
    buckets.push_back(static_cast<std::uint16_t>(bucket));
  buckets_.reset();
  for (std::span<const std::uint16_t> left{buckets}; !left.empty();) {
    const std::size_t count = std::min(left.size(), DigestBuckets::kAtMost);
    answer_buckets(left.first(count), send);
    left = left.subspan(count);
  }
}

void DigestAnswers::answer_page(std::uint16_t number, const SendDigest& send) {
  if (const std::optional<DigestPage> page = read_page(workers_, FlowSide::own, number)) send(encode(*page));
}

void DigestAnswers::answer_buckets(std::span<const std::uint16_t> buckets, const SendDigest& send) {
  DigestBuckets answer;
  for (const std::uint16_t bucket : buckets) {
    std::uint64_t sum = 0;
    const std::optional<std::uint32_t> groups = workers_.read_sums(FlowSide::own, bucket, {&sum, 1});
    if (!groups) return;
    answer.groups = *groups;
    answer.sums.push_back({bucket, sum});
  }
  send(encode(answer));
}

}  // namespace tandem::sync
