// SPDX-License-Identifier: Apache-2.0
// The holder's part in comparing sums: asks the owner for his, page by page, and lays ours beside them.
// While connections come and go some of a page always differ for a moment, because records are under way. So a bucket that differs is
// looked at again, and only one whose sums have stood still on both sides, until all that the owner had told by then has met our
// tables, and still differ, is to be mended. One that
// differs after that is left alone for a while that doubles: what cannot be mended must not be tried all day.
// Pure; threads: the pair's.
#pragma once

#include <deque>
#include <map>

#include "common/base/clock.h"
#include "controlplane/sync/digest_answers.h"

namespace tandem::sync {

class DigestQuestions {
 public:
  static constexpr std::chrono::milliseconds kRound{1000}, kStandsStill{50};
  static constexpr std::chrono::seconds kLeaveAlone{2}, kLeaveAloneMost{300};
  static constexpr std::size_t kPagesAtOnce = 16;
  static constexpr unsigned kLooksAtMost = 40;  // then it waits for the next round

  explicit DigestQuestions(FlowWorkers& workers) : workers_{workers} {}

  void tick(bool may_ask, const SendDigest& send, Instant now);
  void hear(const DigestAnswer& answer, Instant now);
  std::vector<std::uint16_t>& to_mend() { return mend_; }

  struct Counts {
    std::uint64_t rounds = 0, compared = 0, differing = 0;  // rounds begun; buckets; those that differed for certain
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Suspect {
    std::uint64_t theirs = 0, ours = 0;
    Instant since;
    std::optional<Instant> still;  // when both were seen the same again
    unsigned looks = 0;
  };
  struct Alone {
    Instant until;
    Nanoseconds wait{0};
  };
  void hear_page(const DigestPage& page, Instant now);
  void look_again(const BucketSum& theirs, Instant now);
  void settle(std::uint16_t bucket, Instant now);
  void ask(DigestQuestion::About about, std::vector<std::uint16_t> numbers, const SendDigest& send);

  FlowWorkers& workers_;
  Instant round_due_, marked_, applied_;  // what was told before the last of these has met the tables
  std::deque<std::uint16_t> pages_;       // to be asked for
  std::map<std::uint16_t, Suspect> suspects_;
  std::map<std::uint16_t, Alone> alone_;
  std::vector<std::uint16_t> mend_;
  Counts counts_;
};

}  // namespace tandem::sync
