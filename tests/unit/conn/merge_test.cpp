// SPDX-License-Identifier: Apache-2.0
// Two nodes' views of one connection: which is newer, and what both together say.
#include <gtest/gtest.h>

#include "dataplane/conn/tcp_state.h"

namespace tandem {
namespace {

using enum ConnState;

constexpr std::uint8_t kShaken = kSeenSynClient | kSeenSynBackend | kSeenAckClient | kSeenAckBackend;

Life both(Life ours, Life theirs) { return merge(ours, theirs, Protocol::tcp, false); }

TEST(Order, ALargerTermBeatsAnyIncarnationAndThenTheLargerIncarnationDoes) {
  const ConnOrder none{}, early{.term = 1, .incarnation = kLastIncarnation}, late{.term = 2, .incarnation = 1},
      later{.term = 2, .incarnation = 2};
  EXPECT_TRUE(none < early && early < late && late < later);
  EXPECT_TRUE(later == (ConnOrder{.term = 2, .incarnation = 2}));
  EXPECT_TRUE(late != later);
}

TEST(Order, ARecordCarriesItWhole) {
  SyncRecord record;
  record.term = 65535, record.incarnation = kLastIncarnation;
  EXPECT_TRUE(record.order() == (ConnOrder{.term = 65535, .incarnation = kLastIncarnation}));
}

TEST(Merge, WhoSawAllThatTheOtherDidKnowsTheState) {
  const Life waiting{half_open, kSeenSynClient}, open{established, kShaken};
  EXPECT_EQ(both(waiting, open), open);
  EXPECT_EQ(both(open, waiting), open);
  EXPECT_EQ(both(open, open), open);
}

TEST(Merge, EachSawOneSideLeave) {
  const Life client_left{fin_wait, kShaken | kSeenFinClient}, server_left{fin_wait, kShaken | kSeenFinBackend};
  const Life closed{time_wait, kShaken | kSeenFinClient | kSeenFinBackend};
  EXPECT_EQ(both(client_left, server_left), closed);
  EXPECT_EQ(both(server_left, client_left), closed);
}

TEST(Merge, EachSawHalfOfTheHandshake) {
  const Life client{half_open, kSeenSynClient | kSeenAckClient}, server{half_open, kSeenSynClient | kSeenSynBackend | kSeenAckBackend};
  EXPECT_EQ(both(client, server), (Life{established, kShaken}));
}

TEST(Merge, AResetThatOneSawCountsUntilLaterDataRestoresTheConnection) {
  const Life reset_here{reset, kShaken | kSeenRst}, left{fin_wait, kShaken | kSeenFinClient};
  EXPECT_EQ(both(reset_here, left).state, reset);
  EXPECT_EQ(both(left, reset_here).state, reset);
  const Life restored{established, kShaken | kSeenRst};
  EXPECT_EQ(both(reset_here, restored), restored) << "the teller's word: it saw all that we did";
}

TEST(Merge, UdpIsTwoWayOnceAnybodySawAnAnswer) {
  const Life asked{udp_one_way, kSeenAckClient}, answered{udp_two_way, kSeenAckBackend};
  EXPECT_EQ(merge(asked, answered, Protocol::udp, false), (Life{udp_two_way, kSeenAckClient | kSeenAckBackend}));
  EXPECT_EQ(merge(answered, asked, Protocol::udp, false), (Life{udp_two_way, kSeenAckClient | kSeenAckBackend}));
}

TEST(Merge, NothingThatWasSeenIsForgottenAndTheOrderOfTheWordsIsAllTheSame) {
  for (std::uint8_t a = 0; a < 128; ++a) {
    for (std::uint8_t b = 0; b < 128; ++b) {
      const auto life = [](std::uint8_t seen) { return both({half_open, seen}, {half_open, 0}); };
      const Life one = both(life(a), life(b)), other = both(life(b), life(a));
      ASSERT_EQ(one.seen, a | b);
      ASSERT_EQ(one, other) << int{a} << ' ' << int{b};
    }
  }
}

TEST(Merge, AStateBelongsToItsProtocol) {
  for (const ConnState state : {half_open, established, fin_wait, time_wait, reset}) {
    EXPECT_TRUE(is_state_of(state, Protocol::tcp));
    EXPECT_FALSE(is_state_of(state, Protocol::udp));
  }
  for (const ConnState state : {udp_one_way, udp_two_way}) {
    EXPECT_TRUE(is_state_of(state, Protocol::udp));
    EXPECT_FALSE(is_state_of(state, Protocol::tcp));
  }
  EXPECT_FALSE(is_state_of(free, Protocol::tcp));
  EXPECT_FALSE(is_state_of(free, Protocol::udp));
}

}  // namespace
}  // namespace tandem
