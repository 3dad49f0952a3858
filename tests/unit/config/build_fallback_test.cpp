// SPDX-License-Identifier: Apache-2.0
// Who lends to whom, by listen entry, and what a reply of a lent backend proves.
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class FallingBack : public BuilderWorld {
 protected:
  FallingBack() { config_.service[0].fallback = "mail"; }

  ServiceId lender(const Generation& generation, std::string_view vip) { return service_view(generation, vip).fallback; }
};

TEST_F(FallingBack, AServiceKnowsItsFallbackAndTheOthersHaveNone) {
  const auto built = build();
  EXPECT_EQ(lender(*built, "192.0.2.10:80"), service_id(*built, "192.0.2.20:25"));
  EXPECT_EQ(lender(*built, "192.0.2.20:25"), kNoService);
}

TEST_F(FallingBack, OfSeveralListenEntriesTheOneWithTheSamePortLends) {
  config_.service[1].listen.push_back({ip("192.0.2.21"), 80, Protocol::tcp});
  config_.service[1].listen.insert(config_.service[1].listen.begin(), {ip("192.0.2.20"), 80, Protocol::udp});
  const auto built = build();
  EXPECT_EQ(lender(*built, "192.0.2.10:80"), service_id(*built, "192.0.2.21:80")) << "the one of UDP has the port, and not the protocol";
}

TEST_F(FallingBack, ItFollowsTheConfigurationAndABackendsStateChangesNothing) {
  const auto before = build();
  builder_.set_state("web", "web-1", {.check_up = false});
  const auto down = builder_.build();
  EXPECT_EQ(lender(*down, "192.0.2.10:80"), lender(*before, "192.0.2.10:80"));
  EXPECT_EQ(down->index, before->index);
  config_.service[0].fallback.clear();
  const auto without = build();
  EXPECT_EQ(lender(*without, "192.0.2.10:80"), kNoService);
  EXPECT_NE(lender(*before, "192.0.2.10:80"), kNoService) << "what was published is not edited";
}

TEST_F(FallingBack, AReplyOfALentBackendIsItsOwnServicesOrTheBorrowers) {
  const auto built = build();
  const NatBackendEntry* lent = nat_backend(*built, "10.0.0.21:25");
  ASSERT_NE(lent, nullptr) << "it is a backend's";
  EXPECT_EQ(lent->service, kNoService) << "but whose connection it is, only an entry or the client tells";
  const auto sharers = built->index->sharers_of(*lent);
  ASSERT_EQ(sharers.size(), 2u);
  EXPECT_EQ(sharers[0].service, service_id(*built, "192.0.2.20:25"));
  EXPECT_EQ(sharers[1].service, service_id(*built, "192.0.2.10:80"));
  EXPECT_EQ(sharers[0].slot, sharers[1].slot) << "one backend, lent";
  EXPECT_EQ(nat_backend(*built, "10.0.0.11:80")->service, service_id(*built, "192.0.2.10:80")) << "the borrower's own are its own";
  config_.service[0].fallback.clear();
  const auto without = build();
  EXPECT_EQ(nat_backend(*without, "10.0.0.21:25")->service, service_id(*without, "192.0.2.20:25"));
}

}  // namespace
}  // namespace tandem::config
