// SPDX-License-Identifier: Apache-2.0
// Who goes from a full table, against an oracle that reads the order from a list and looks at everybody.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "tests/unit/conn/conn_fixture.h"

namespace tandem {
namespace {

using enum ConnState;

struct Kind {
  ConnState state{};
  bool only_we_know = false;

  auto operator<=>(const Kind&) const = default;
};

// The order of docs/design/adoption.md, line by line; who is in no line never goes.
const std::vector<std::vector<Kind>> kOrder{{{half_open, false}},
                                            {{half_open, true}},
                                            {{time_wait, false}, {reset, false}},
                                            {{time_wait, true}, {reset, true}},
                                            {{fin_wait, false}},
                                            {{udp_one_way, false}},
                                            {{udp_two_way, false}},
                                            {{established, false}},
                                            {{udp_one_way, true}}};

std::size_t line_of(const Kind& kind) {
  const auto has = [&](const std::vector<Kind>& line) { return std::ranges::find(line, kind) != line.end(); };
  return static_cast<std::size_t>(std::ranges::find_if(kOrder, has) - kOrder.begin());
}

class Crowd {
 public:
  explicit Crowd(std::size_t capacity, std::uint32_t seed) : table_{test::make_table<ConnEntry4>(capacity)}, random_{seed} {}

  bool full() const { return table_.full(); }
  void insert() {
    const Kind kind{kStates[pick(kStates.size())], pick(3) == 0};
    ConnEntry4 entry = test::entry_of<ConnEntry4>(++client_, 1, 1, kind.state);
    if (kind.only_we_know && pick(2) == 0) entry.method = ForwardingMethod::full_nat;
    else if (kind.only_we_know) entry.flags = kConnException;
    const auto inserted = table_.insert(test::hash_of(entry), entry, {});
    if (inserted.entry != nullptr) known_[table_.handle(*inserted.entry)] = kind;
  }
  void change_state() {
    if (known_.empty()) return;
    const auto at = std::next(known_.begin(), static_cast<std::ptrdiff_t>(pick(known_.size())));
    at->second.state = kStates[pick(kStates.size())];
    table_.change_state(*table_.at(at->first), at->second.state);
  }
  void erase_some() {
    if (known_.empty()) return;
    forget(std::next(known_.begin(), static_cast<std::ptrdiff_t>(pick(known_.size())))->first);
  }
  // Every slot is within one search.
  void evict() {
    std::size_t first = kOrder.size();
    for (const auto& [handle, kind] : known_) first = std::min(first, line_of(kind));
    ConnEntry4* victim = table_.find_victim();
    ASSERT_EQ(victim == nullptr, first == kOrder.size()) << "nobody who may go";
    if (victim == nullptr) return;
    ++evicted;
    const ConnHandle handle = table_.handle(*victim);
    ASSERT_TRUE(known_.contains(handle));
    ASSERT_EQ(line_of(known_[handle]), first) << "somebody less worth keeping was there";
    forget(handle);
  }
  std::size_t pick(std::size_t below) { return random_() % below; }

  int evicted = 0;

 private:
  static constexpr std::array kStates{half_open, established, fin_wait, time_wait, reset, udp_one_way, udp_two_way};

  void forget(ConnHandle handle) {
    table_.erase(*table_.at(handle));
    known_.erase(handle);
  }

  ConnTable<ConnEntry4> table_;
  std::mt19937 random_;
  std::map<ConnHandle, Kind> known_;
  std::uint32_t client_ = 0;
};

TEST(EvictionModel, TheLeastWorthGoesThroughManyRandomStories) {
  int evicted = 0;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Crowd crowd{20 + seed % 60, seed};
    ASSERT_LE(ConnTable4::slots_for(20 + seed % 60), ConnTable4::kEvictionSearch);
    for (int step = 0; step < 1000 && !testing::Test::HasFatalFailure(); ++step) {
      switch (crowd.pick(8)) {
        case 0:
          crowd.change_state();
          break;
        case 1:
          crowd.erase_some();
          break;
        case 2:
          crowd.evict();
          break;
        default:
          crowd.full() ? crowd.evict() : crowd.insert();
      }
    }
    evicted += crowd.evicted;
  }
  EXPECT_GT(evicted, 20'000);
}

}  // namespace
}  // namespace tandem
