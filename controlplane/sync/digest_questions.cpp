// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/digest_questions.h"

#include <algorithm>

namespace tandem::sync {

void DigestQuestions::tick(bool may_ask, const SendDigest& send, Instant now) {
  if (!may_ask) return;  // it goes on where it is: what is asked later is answered with the sums of then
  if (workers_.is_past_mark()) {
    applied_ = marked_, marked_ = now;
    workers_.mark();
  }
  if (now >= round_due_) {
    round_due_ = now + kRound;
    ++counts_.rounds;
    pages_.clear();
    for (std::uint16_t page = 0; page < kTopPages; ++page) pages_.push_back(page);
  }
  std::vector<std::uint16_t> pages, buckets;
  for (; !pages_.empty() && pages.size() < kPagesAtOnce; pages_.pop_front()) pages.push_back(pages_.front());
  for (auto& [bucket, suspect] : suspects_) {
    if (now - suspect.since < kStandsStill || buckets.size() == DigestQuestion::kAtMost) continue;
    buckets.push_back(bucket);
    suspect.since = now;
    ++suspect.looks;
  }
  ask(DigestQuestion::About::pages, std::move(pages), send);
  ask(DigestQuestion::About::buckets, std::move(buckets), send);
  std::erase_if(suspects_, [](const auto& each) { return each.second.looks > kLooksAtMost; });
}

void DigestQuestions::ask(DigestQuestion::About about, std::vector<std::uint16_t> numbers, const SendDigest& send) {
  if (!numbers.empty()) send(encode(DigestQuestion{about, std::move(numbers)}));
}

void DigestQuestions::hear(const DigestAnswer& answer, Instant now) {
  if (answer.page) hear_page(*answer.page, now);
  if (!answer.buckets) return;
  for (const BucketSum& each : answer.buckets->sums) {
    std::uint64_t ours = 0;
    const auto groups = workers_.read_sums(FlowSide::held, each.bucket, {&ours, 1});
    if (groups && *groups == answer.buckets->groups) look_again(each, now);
  }
}

// Sums of different groups say nothing of each other: one node's roles have changed, and the other's will.
void DigestQuestions::hear_page(const DigestPage& page, Instant now) {
  const std::optional<DigestPage> ours = read_page(workers_, FlowSide::held, page.number);
  if (!ours || ours->groups != page.groups) return;
  const bool top = page.number < kTopPages;
  for (std::size_t i = 0; i < kPageSums; ++i) {
    const bool same = page.sums[i] == ours->sums[i];
    const std::size_t number = (top ? page.number : page.number - kTopPages) * kPageSums + i;
    if (top && same) counts_.compared += kPageSums;
    if (top && !same) pages_.push_back(static_cast<std::uint16_t>(kTopPages + number));
    if (top) continue;
    ++counts_.compared;
    const auto bucket = static_cast<std::uint16_t>(number);
    if (!same) suspects_[bucket] = {page.sums[i], ours->sums[i], now, std::nullopt, 0};
    else if (const auto alone = alone_.find(bucket); alone != alone_.end() && now >= alone->second.until) alone_.erase(alone);
  }
}

void DigestQuestions::look_again(const BucketSum& theirs, Instant now) {
  const auto at = suspects_.find(theirs.bucket);
  std::uint64_t ours = 0;
  if (at == suspects_.end() || !workers_.read_sums(FlowSide::held, theirs.bucket, {&ours, 1})) return;
  Suspect& suspect = at->second;
  const bool stood_still = suspect.theirs == theirs.sum && suspect.ours == ours;
  if (ours == theirs.sum) {
    suspects_.erase(at);
  } else if (!stood_still) {
    suspect = {theirs.sum, ours, now, std::nullopt, suspect.looks};
  } else if (!suspect.still) {
    suspect.still = now;
  } else if (applied_ > *suspect.still) {
    suspects_.erase(at);
    settle(theirs.bucket, now);
  }
}

void DigestQuestions::settle(std::uint16_t bucket, Instant now) {
  Alone& alone = alone_[bucket];
  if (now < alone.until) return;
  alone.wait = std::clamp<Nanoseconds>(2 * alone.wait, kLeaveAlone, kLeaveAloneMost);
  alone.until = now + alone.wait;
  ++counts_.differing;
  mend_.push_back(bucket);
}

}  // namespace tandem::sync
