// SPDX-License-Identifier: Apache-2.0
// One worker's connections on their way to the other node. What was lost is not sent again as it was: the worker is asked for the
// flow's present state, and removals, which nobody could ask for any more, are kept by value until they are acknowledged.
// At most kWindow datagrams are under way; then the worker's changes wait where they are. Where none of them is acknowledged any more,
// few are, and each time for longer: a way that is closed is asked, and not filled. Pure; threads: the pair's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "controlplane/sync/ack.h"
#include "controlplane/sync/record.h"

namespace tandem::sync {

class FlowSender {
 public:
  static constexpr std::size_t kWindow = 256, kAsking = 8, kRecordsAtMost = 35, kPayloadBytes = 1408;
  static constexpr std::chrono::milliseconds kPatience{30};       // without an acknowledgement: what was sent before is lost
  static constexpr std::chrono::milliseconds kPatienceMost{480};  // after asking in vain again and again

  using Take = std::function<std::size_t(std::span<SyncRecord>)>;
  using Send = std::function<std::uint64_t(std::span<const std::uint8_t> payload, std::uint8_t count)>;  // its sequence; 0: not sent
  using Refresh = std::function<void(const SyncRecord&)>;

  // Sends what there is, as far as the window allows.
  void pump(const Take& take, const Send& send, Instant now);
  void acknowledge(const Ack& ack, const Refresh& refresh, Instant now);
  void lose_overdue(const Refresh& refresh, Instant now);
  // Everything under way is void: the session has other keys, or the path was silent.
  void lose_all(const Refresh& refresh);
  void forget();  // another peer: nothing of this is for him

  bool idle() const { return under_way_.empty() && again_.empty(); }
  std::size_t records_under_way() const;
  Nanoseconds lag(Instant now) const { return under_way_.empty() ? Nanoseconds{0} : now - under_way_.front().sent; }

  struct Counts {
    std::uint64_t datagrams = 0, records = 0, lost_datagrams = 0, lost_records = 0;
  };
  const Counts& counts() const { return counts_; }
  // The end of a bulk was acknowledged: the other has all of this worker's.
  bool take_bulk_done() { return std::exchange(bulk_done_, false); }

 private:
  struct UnderWay {
    std::uint64_t sequence = 0;
    Instant sent;
    std::vector<SyncRecord> records;
  };
  std::vector<SyncRecord> gather(const Take& take);
  std::uint64_t lay_out(std::span<const SyncRecord> records, const Send& send, std::size_t& fitted, Instant now);
  std::size_t window() const { return patience_ == kPatience ? kWindow : kAsking; }
  void settle(UnderWay& one, bool arrived, const Refresh& refresh);
  std::vector<SyncRecord> empty_list();

  std::deque<UnderWay> under_way_;
  std::deque<SyncRecord> again_;  // removals and ends of bulks that were lost
  std::vector<std::vector<SyncRecord>> spare_;
  std::vector<std::uint8_t> payload_ = std::vector<std::uint8_t>(kPayloadBytes);
  Instant acknowledged_;  // the last time that it named one
  Nanoseconds patience_ = kPatience;
  Counts counts_;
  bool bulk_done_ = false;
};

}  // namespace tandem::sync
