// SPDX-License-Identifier: Apache-2.0
// The owner's part in comparing sums: answers the other's questions from what the workers' sums are at the moment.
// Pure; threads: the pair's.
#pragma once

#include <bitset>
#include <functional>
#include <vector>

#include "controlplane/sync/digest_message.h"
#include "dataplane/conn/flow_workers.h"

namespace tandem::sync {

using SendDigest = std::function<void(const std::vector<std::uint8_t>& payload)>;

class DigestAnswers {
 public:
  static constexpr std::size_t kPagesAtOnce = 32;

  explicit DigestAnswers(FlowWorkers& workers) : workers_{workers} {}

  void hear(const DigestQuestion& question);
  // What was asked, once `may_answer`: the sums are those of that moment.
  void tick(bool may_answer, const SendDigest& send);
  std::vector<std::uint16_t>& to_mend() { return mend_; }  // buckets of ours that the other does not have as we do

 private:
  void answer_page(std::uint16_t number, const SendDigest& send);
  void answer_buckets(std::span<const std::uint16_t> buckets, const SendDigest& send);

  FlowWorkers& workers_;
  std::bitset<kPages> pages_;
  std::bitset<kFlowBuckets> buckets_;
  std::vector<std::uint16_t> mend_;
};

// A page of one side as it is now: sums of buckets, or sums of pages. None: they are not whole.
std::optional<DigestPage> read_page(FlowWorkers& workers, FlowSide side, std::uint16_t number);

}  // namespace tandem::sync
