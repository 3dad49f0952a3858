// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/conn/conn_fixture.h"

namespace tandem {
namespace {

template <typename Entry>
class ALife : public testing::Test {};
using Families = testing::Types<ConnEntry4, ConnEntry6>;
TYPED_TEST_SUITE(ALife, Families);

TYPED_TEST(ALife, TableDeadlinesAndStateStayInStepThroughAWholeConnection) {
  ConnTable<TypeParam> table = test::make_table<TypeParam>(100);
  Expiry expiry = test::make_expiry(table.slots());
  const Timeouts timeouts;
  int asked = 0;
  const auto timeouts_of = [&](ServiceId service) -> const Timeouts& {
    EXPECT_EQ(service, ServiceId{9});
    ++asked;
    return timeouts;
  };
  const auto sweep = [&](Tick tick) {
    expiry.advance(tick);
    std::size_t expired = 0;
    for (std::size_t at = 0; at <= table.slots(); at += Expiry::kSlice) {
      expired += expiry.sweep(table, [&](TypeParam& entry) { table.erase(entry); });
    }
    return expired;
  };
  const TypeParam fresh = test::entry_of<TypeParam>(1, 1, 1, ConnState::half_open);
  TypeParam& entry = *table.insert(test::hash_of(fresh), fresh, ConnDetail{.service = ServiceId{9}}).entry;
  enter(table, expiry, entry, begin_tcp(Direction::from_client, kTcpSyn), timeouts);
  EXPECT_EQ(table.count(ConnState::half_open), 1u);

  expiry.advance(4);
  EXPECT_EQ(observe(table, expiry, entry, Direction::from_backend, kTcpSyn | kTcpAck, timeouts_of), Change::seen);
  EXPECT_EQ(observe(table, expiry, entry, Direction::from_client, kTcpAck, timeouts_of), Change::state);
  EXPECT_EQ(entry.state, ConnState::established);
  EXPECT_EQ(table.count(ConnState::half_open), 0u);
  EXPECT_EQ(sweep(903), 0u) << "900 s after its last packet at 4";

  EXPECT_EQ(observe(table, expiry, entry, Direction::from_client, kTcpAck, timeouts_of), Change::nothing);
  EXPECT_EQ(entry.last_seen, 903);
  EXPECT_EQ(observe(table, expiry, entry, Direction::from_client, kTcpFin | kTcpAck, timeouts_of), Change::state);
  EXPECT_EQ(observe(table, expiry, entry, Direction::from_backend, kTcpFin | kTcpAck, timeouts_of), Change::state);
  EXPECT_EQ(table.count(ConnState::time_wait), 1u);
  EXPECT_EQ(asked, 3) << "once for each change of state";
  EXPECT_EQ(sweep(962), 0u);
  EXPECT_EQ(sweep(963), 1u) << "TIME_WAIT is 60 s";
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace tandem
