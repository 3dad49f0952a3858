// SPDX-License-Identifier: Apache-2.0
// Connections that go on though nobody remembers them: taken up by a client's packet, which guesses, or a server's, which proves.
#include "dataplane/lb/schedule.h"
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class AdoptionStories : public Scenario {
 protected:
  struct Talk {
    Flow flow;
    unsigned server = 0;
  };
  std::vector<Talk> open_many(Service service, std::uint16_t first, std::uint16_t count) {
    std::vector<Talk> talks;
    for (std::uint16_t port = first; port < first + count; ++port) talks.push_back({{service, port}, opens({service, port})});
    return talks;
  }
  // The client speaks, as often as the network makes it; a server that does not know it resets. Tells who answered; 0: it was reset.
  unsigned goes_on(const Talk& talk, unsigned attempts = 4) {
    for (unsigned i = 0; i < attempts; ++i) {
      const unsigned server = server_of(client_sends(from_client(talk.flow, kTcpAck)));
      if (server == 0) continue;
      const std::uint8_t answer = server == talk.server ? kTcpAck : kTcpRst;
      const Lines lines = server_sends(from_server(talk.flow, server, answer));
      if (lines == leaves(kP0, at_client(talk.flow, answer))) return answer == kTcpAck ? server : 0;
      EXPECT_EQ(lines, Lines{"drop adopted_reset"});
    }
    return 0;
  }
  unsigned kept(const std::vector<Talk>& talks, unsigned attempts = 4) {
    unsigned kept = 0;
    for (const Talk& talk : talks) kept += goes_on(talk, attempts) == talk.server;
    return kept;
  }
};

TEST_F(AdoptionStories, AllConversationsGoOnAfterARestartThoughAThirdWereNoFirstCandidates) {
  const std::vector<Talk> talks = open_many(kWeb, 1, 90);
  const std::uint64_t exceptions = counted(kWeb, &BackendCounters::exceptions);
  ASSERT_GT(exceptions, 10U);
  restart();
  EXPECT_EQ(kept(talks), 90U);
  EXPECT_EQ(counted(OrphanDecision::adopted_first_candidate), 90U);
  EXPECT_EQ(counted(OrphanDecision::adopted_next_candidate), exceptions);
  EXPECT_EQ(counted(DropReason::adopted_reset), exceptions) << "one reset each was kept from its client";
  EXPECT_EQ(counted(kWeb, &BackendCounters::new_connections), 0U) << "none of them is new";
  EXPECT_EQ(kept(talks, 1), 90U) << "and from then on at once";
}

TEST_F(AdoptionStories, OverIpv6TheSame) {
  const std::vector<Talk> talks = open_many(kWeb6, 1, 30);
  restart();
  EXPECT_EQ(kept(talks), 30U);
}

TEST_F(AdoptionStories, WhomNobodyKnowsIsResetInTheEnd) {
  const Talk stray{{kWeb, 40000}, 99};
  EXPECT_EQ(goes_on(stray), 0U);
  EXPECT_EQ(counted(DropReason::adopted_reset), 1U) << "the second candidate's word is the last";
  EXPECT_EQ(entries(ConnState::reset), 1U);
  EXPECT_EQ(counted(kWeb, &BackendCounters::closed_reset), 1U);
}

TEST_F(AdoptionStories, AResetAfterAnAnswerIsMeant) {
  const Flow flow{kWeb, 40000};
  const unsigned server = server_of(client_sends(from_client(flow, kTcpAck)));
  server_sends(from_server(flow, server, kTcpAck));
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpRst)), leaves(kP0, at_client(flow, kTcpRst)));
  EXPECT_EQ(counted(DropReason::adopted_reset), 0U);
}

TEST_F(AdoptionStories, OfTwoPacketsOnTheirWayToAWrongServerBothResetsAreKeptFromTheClient) {
  const Flow flow{kWeb, 40000};
  const unsigned guessed = server_of(client_sends(from_client(flow, kTcpAck)));
  EXPECT_EQ(server_of(client_sends(from_client(flow, kTcpAck))), guessed) << "the second leaves before the first is answered";
  EXPECT_EQ(server_sends(from_server(flow, guessed, kTcpRst)), Lines{"drop adopted_reset"});
  EXPECT_EQ(server_sends(from_server(flow, guessed, kTcpRst)), Lines{"drop adopted_reset"}) << "its entry is the next suspect's now";
  const unsigned server = server_of(client_sends(from_client(flow, kTcpAck)));
  EXPECT_NE(server, guessed);
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  EXPECT_EQ(server_sends(from_server(flow, guessed, kTcpRst)), Lines{"drop adopted_reset"}) << "a third one that was slow";
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpRst)), leaves(kP0, at_client(flow, kTcpRst))) << "its own server's is meant";
}

TEST_F(AdoptionStories, AResetNobodyGuessedAboutIsForwarded) {
  const Flow flow{kWeb, 40000};
  EXPECT_EQ(server_sends(from_server(flow, 12, kTcpRst)), leaves(kP0, at_client(flow, kTcpRst))) << "no entry at all: its word stands";
}

TEST_F(AdoptionStories, TheClientsOwnResetIsForwarded) {
  const Flow flow{kWeb, 40000};
  const unsigned server = server_of(client_sends(from_client(flow, kTcpAck)));
  EXPECT_EQ(client_sends(from_client(flow, kTcpRst)), leaves(kP1, at_server(flow, server, kTcpRst)));
}

TEST_F(AdoptionStories, AGuessIsNotMadeTwiceAtTheSameServer) {
  set_state(11, BackendState::down), set_state(12, BackendState::down);
  const Flow flow{kWeb, 40000};
  EXPECT_EQ(server_of(client_sends(from_client(flow, kTcpAck))), 13U);
  EXPECT_EQ(server_sends(from_server(flow, 13, kTcpRst)), leaves(kP0, at_client(flow, kTcpRst))) << "there is nobody else";
}

TEST_F(AdoptionStories, AResetAtTheEndOfItsHopsMovesNothing) {
  const Flow flow{kWeb, 40000};
  const unsigned server = server_of(client_sends(from_client(flow, kTcpAck)));
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpRst).ttl(1)).back(), "drop ttl_expired");
  EXPECT_EQ(server_of(client_sends(from_client(flow, kTcpAck))), server);
}

TEST_F(AdoptionStories, WhoDrainsKeepsItsConversationsAfterARestart) {
  const std::vector<Talk> talks = open_many(kWeb, 1, 60);
  set_state(12, BackendState::draining);
  restart();
  EXPECT_EQ(kept(talks), 60U);
}

TEST_F(AdoptionStories, AnAnswerProvesItsServerBeforeTheClientSpeaks) {
  const std::vector<Talk> talks = open_many(kWeb, 1, 60);
  restart();
  for (const Talk& talk : talks)
    EXPECT_EQ(server_sends(from_server(talk.flow, talk.server, kTcpAck)), leaves(kP0, at_client(talk.flow, kTcpAck)));
  EXPECT_EQ(kept(talks, 1), 60U);
  EXPECT_EQ(counted(OrphanDecision::adopted_by_reply), 60U);
  EXPECT_EQ(counted(DropReason::adopted_reset), 0U) << "nothing had to be guessed";
}

TEST_F(AdoptionStories, AnAnswerCorrectsAWrongGuess) {
  const Flow flow{kWeb, 40000};
  const unsigned guessed = server_of(client_sends(from_client(flow, kTcpAck))), server = guessed == 11 ? 12 : 11;
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AdoptionStories, AnAnswerFromElsewhereMovesNoConversationThatWasAnswered) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow), other = server == 11 ? 12 : 11;
  EXPECT_EQ(server_sends(from_server(flow, other, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
}

TEST_F(AdoptionStories, OfTwoServicesWithTheSameServersAnAnswerProvesTheOneWhoseCandidateItsServerIs) {
  world.services.push_back(nat_service("10.0.0.102:80", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));
  publish();
  const std::vector<Talk> talks = open_many(kWeb, 1, 120);
  for (const Talk& talk : talks)
    EXPECT_EQ(server_sends(from_server(talk.flow, talk.server, kTcpAck)), leaves(kP0, at_client(talk.flow, kTcpAck)));
  restart();
  unsigned told = 0, nobodys = 0;
  for (const Talk& talk : talks) {
    const Lines lines = server_sends(from_server(talk.flow, talk.server, kTcpAck));
    told += lines == leaves(kP0, at_client(talk.flow, kTcpAck)), nobodys += lines == Lines{"drop reply_without_connection"};
  }
  EXPECT_EQ(told + nobodys, 120U) << "never the other service's";
  EXPECT_NEAR(told, 40, 15) << "of three servers, two are candidates of each service";
  EXPECT_EQ(kept(talks), 120U) << "the others wait for their client";
}

TEST_F(AdoptionStories, OnlySoManyAreTakenUpInAMoment) {
  worker().limit_adoptions(10);  // eight at once
  const std::vector<Talk> talks = open_many(kWeb, 1, 20);
  const std::vector<Talk> direct = open_many(kDirectWeb, 101, 20);
  restart();
  worker().limit_adoptions(10);
  Lines lines;
  for (const Talk& talk : talks) lines.push_back(client_sends(from_client(talk.flow, kTcpAck)).at(0));
  EXPECT_EQ(std::ranges::count(lines, "drop adoption_limited"), 12);
  EXPECT_EQ(counted(DropReason::adoption_limited), 12U) << "a wrong guess could not be mended";
  for (const Talk& talk : direct) EXPECT_NE(server_of(client_sends(from_client(talk.flow, kTcpAck))), 0U) << "here nothing could";
  EXPECT_EQ(counted(OrphanDecision::forwarded_untracked), 20U);
  for (std::uint16_t port = 201; port <= 220; ++port) opens({kWeb, port});
  for (unsigned second = 0; second < 3; ++second) pass_time(1), kept(talks, 2);
  EXPECT_EQ(kept(talks), 20U) << "they try again, and all come in";
}

// Server 13 leaves; a third of the conversations were its own, and the tables of the others shift a little.
class FormerScheduleStories : public AdoptionStories {
 protected:
  FormerScheduleStories() {
    talks_ = open_many(kWeb, 1, 90);
    const auto before = world.generation();
    former_ = std::make_shared<FormerSchedule>();
    former_->schedule = (*before->services)[kWeb].schedule, former_->members = (*before->services)[kWeb].members;
    for (WorldService& service : world.services) service.backends[2].state = BackendState::gone;
  }
  std::vector<Talk> talks_;
  std::shared_ptr<FormerSchedule> former_;
};

TEST_F(FormerScheduleStories, ConversationsOfItsTimeGoOnAtWhoHasLeft) {
  world.services[kWeb].former = former_;
  publish();
  restart();
  std::uint64_t at_13 = 0, there = 0;
  for (const Talk& talk : talks_) at_13 += talk.server == 13, there += talk.server == 13 && goes_on(talk) == 13;
  EXPECT_GT(at_13, 20U);
  EXPECT_GT(there, at_13 / 2) << "all whose first candidate it was";
  EXPECT_GE(kept(talks_), 78U) << "but a second candidate that left with it is not asked";
}

TEST_F(FormerScheduleStories, WithoutItNobodyFindsWhoHasLeft) {
  publish();
  restart();
  for (const Talk& talk : talks_) {
    if (talk.server != 13) continue;
    EXPECT_EQ(goes_on(talk), 0U);
  }
}

TEST_F(FormerScheduleStories, WhoForwardsNoMoreIsNotSuspected) {
  former_->members[std::ranges::find(former_->members, world.slot(kWeb, 2)) - former_->members.begin()] = kNoBackend;
  world.services[kWeb].former = former_;
  publish();
  restart();
  for (const Talk& talk : talks_) EXPECT_NE(server_of(client_sends(from_client(talk.flow, kTcpAck))), 13U);
}

}  // namespace
}  // namespace tandem::test
