// SPDX-License-Identifier: Apache-2.0
// The table of datagrams beside a slow and obvious one: any fragments, in any order, at any time.
#include "common/base/ensure.h"
#include "dataplane/fragments/datagram_table.h"
#include "tests/fuzz/choices.h"
#include "tests/support/slow_datagrams.h"

using namespace tandem;
using tandem::fuzz::Choices;

namespace {

constexpr std::size_t kMostSteps = 400;  // the slow one has room for all, the table for 512 that wait

// Buffers are numbers: nobody looks into them.
rte_mbuf* buffer(std::uintptr_t number) { return reinterpret_cast<rte_mbuf*>(number); }

class Run {
 public:
  void come(Choices& choices) {
    const std::uint64_t name = choices.below(16);
    Fragment fragment;
    fragment.from = static_cast<std::uint32_t>(8 * choices.below(choices.one_in(4) ? 8190 : 24));
    fragment.to = std::min<std::uint32_t>(fragment.from + static_cast<std::uint32_t>(1 + choices.below(64)), 0xffff);
    fragment.more = choices.byte() % 4 != 0;
    if (fragment.more) fragment.to = fragment.from + 8 * (1 + (fragment.to - fragment.from) / 8);
    if (fragment.to > 0xffff) return;
    if (fragment.is_first()) fragment.flow = {Be16{static_cast<std::uint16_t>(name)}, Be16{53}, 17};
    const auto fast = table_.admit({name, 0, 0, 0, 0}, name % 3, fragment, buffer(++number_), now_);
    const auto slow = slow_.admit(name, fragment, number_, now_);
    ensure(fast.kind == slow.kind && fast.reason == slow.reason);
    ensure(fast.kind != DatagramTable::Admission::Kind::traced || fast.flow.source == Be16{static_cast<std::uint16_t>(name)});
  }

  void pass_time(Choices& choices) {
    now_ = now_ + std::chrono::milliseconds{choices.byte() * 8};
    while (table_.expire(now_)) take();
    slow_.expire(now_);
  }

  void compare() {
    take();
    ensure(left_ == slow_.left && table_.size() == slow_.size());
    left_.clear(), slow_.left.clear();
  }

 private:
  void take() {
    for (LeavingFragment leaving; table_.take(leaving);) {
      const bool once = left_.emplace(reinterpret_cast<std::uintptr_t>(leaving.mbuf), leaving.reason).second;
      ensure(once);
    }
  }

  DatagramTable table_;
  test::SlowDatagrams slow_;
  Instant now_;
  std::uintptr_t number_ = 0;
  std::map<std::uintptr_t, DropReason> left_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices{data, size};
  const auto run = std::make_unique<Run>();
  for (std::size_t step = 0; step < kMostSteps && !choices.ended(); ++step) {
    if (choices.below(16) == 15) run->pass_time(choices);
    else run->come(choices);
    run->compare();
  }
  return 0;
}
