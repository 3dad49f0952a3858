// SPDX-License-Identifier: Apache-2.0
// Connections of clients who were denied after they had opened them: found once, in slices, by address or by the list.
#include "dataplane/guard/deny_sweep.h"

#include <gtest/gtest.h>

#include "tests/support/lists.h"
#include "tests/unit/conn/conn_fixture.h"

namespace tandem::test {
namespace {

class DenySweeps : public testing::Test {
 protected:
  DenySweeps() { generation_.services = std::make_shared<std::vector<ServiceView>>(2); }

  // Clients 10.0.0.0, 10.0.0.1, …, one connection each; every second one at service 1.
  void open(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      ConnDetail detail;
      detail.service = ServiceId{static_cast<std::uint16_t>(i % 2)};
      const ConnEntry4 entry4 = entry_of<ConnEntry4>(i << 16);
      table4_.insert(hash_of(entry4), entry4, detail);
      const ConnEntry6 entry6 = entry_of<ConnEntry6>(i << 16);
      table6_.insert(hash_of(entry6), entry6, detail);
    }
  }
  // The whole sweep. Tells how many were ended.
  std::size_t sweep() {
    std::size_t ended = 0;
    turns_ = 0;
    while (turn(ended)) ++turns_;
    return ended;
  }
  bool turn(std::size_t& ended) {
    return sweep_.turn(generation_, table4_, table6_, [&](auto& entry) {
      ++ended;
      if constexpr (std::is_same_v<decltype(entry), ConnEntry4&>) table4_.erase(entry);
      else table6_.erase(entry);
    });
  }
  void own_rules(std::size_t service, const std::vector<std::string>& lines) {
    auto services = std::make_shared<std::vector<ServiceView>>(*generation_.services);
    (*services)[service].rules = rules(lines);
    generation_.services = std::move(services);
  }

  ConnTable<ConnEntry4> table4_ = make_table<ConnEntry4>(10'000);
  ConnTable<ConnEntry6> table6_ = make_table<ConnEntry6>(10'000);
  Generation generation_;
  DenySweep sweep_;
  std::size_t turns_ = 0;
};

TEST_F(DenySweeps, WithoutAListOrAChangeNothingIsLookedAt) {
  open(100);
  EXPECT_EQ(sweep(), 0U);
  generation_.guard = guard({"deny 10.0.0.0/8"}, 0);
  EXPECT_EQ(sweep(), 0U);
  EXPECT_EQ(turns_, 0U) << "a list that was there from the start has judged all who came";
}

TEST_F(DenySweeps, WhoIsNewlyDeniedIsEndedAndNobodyElse) {
  open(1000);
  generation_.guard = guard({"deny 10.0.1.0/24", "allow 10.0.1.128/25"}, 1, {"10.0.1.0/24"});
  EXPECT_EQ(sweep(), 128U) << "the allowed half stays";
  EXPECT_EQ(table4_.size(), 1000U - 128);
  EXPECT_EQ(table6_.size(), 1000U);
  EXPECT_EQ(sweep(), 0U);
  EXPECT_EQ(turns_, 0U) << "once";
}

TEST_F(DenySweeps, IsDoneInSlicesHoweverManyConnectionsThereAre) {
  open(5000);
  generation_.guard = guard({"deny 10.0.0.0/8", "deny ::/0"}, 1, {"10.0.0.0/8", "::/0"});
  EXPECT_EQ(sweep(), 10'000U);
  EXPECT_GE(turns_, (table4_.slots() + table6_.slots()) / DenySweep::kSlice);
}

TEST_F(DenySweeps, WhenNobodyKnowsWhichAreNewTheListIsAskedForAll) {
  open(1000);
  generation_.guard = guard({"deny 10.0.2.0/24"}, 40);
  EXPECT_EQ(sweep(), 256U);
}

TEST_F(DenySweeps, ManyNewOnesAreFoundToo) {
  open(1000);
  std::vector<std::string> lines, newly;
  for (int i = 0; i < 40; ++i) newly.push_back("10.0.0." + std::to_string(i) + "/32"), lines.push_back("deny " + newly.back());
  generation_.guard = guard(lines, 1, newly);
  EXPECT_EQ(sweep(), 40U);
}

TEST_F(DenySweeps, AServicesListEndsItsOwnAlone) {
  open(1000);
  own_rules(1, {"deny 10.0.0.0/24"});
  generation_.guard = guard({}, 1, {"10.0.0.0/24"});
  EXPECT_EQ(sweep(), 128U);
}

TEST_F(DenySweeps, AChangeDuringASweepIsSweptAfterIt) {
  open(5000);
  generation_.guard = guard({"deny 10.0.0.0/24"}, 1, {"10.0.0.0/24"});
  std::size_t ended = 0;
  for (int i = 0; i < 30; ++i) turn(ended);
  GuardView both{rules({"deny 10.0.0.0/24", "deny 10.0.1.0/24"}), 2, 0, {}};
  both.recent = {{1, *parse_prefix("10.0.0.0/24")}, {2, *parse_prefix("10.0.1.0/24")}};
  generation_.guard = std::make_shared<const GuardView>(both);
  EXPECT_EQ(ended + sweep(), 512U);
}

}  // namespace
}  // namespace tandem::test
