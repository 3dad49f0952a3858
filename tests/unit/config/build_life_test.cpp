// SPDX-License-Identifier: Apache-2.0
// What becomes of a backend's connections: by its state, its service's wishes, and an operator's.
#include "dataplane/lb/quic_servers.h"
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class Lives : public BuilderWorld {
 protected:
  Fate fate(const BackendDynamic& dynamic, std::string_view backend = "web-1") {
    builder_.set_state("web", backend, dynamic);
    latest_ = builder_.build();
    return view(*latest_, slot("web", backend)).fate;
  }
  // As the daemon does it, once a second.
  Fate after(std::chrono::seconds wait) {
    for (const Instant end = now_ + wait; now_ < end; now_ = now_ + 1s) builder_.advance(now_);
    builder_.advance(now_);
    latest_ = builder_.build();
    return view(*latest_, slot("web", "web-1")).fate;
  }
  void make_udp() { config_.service[0].listen[0].protocol = Protocol::udp; }

  static constexpr BackendDynamic kUp{}, kDown{.check_up = false}, kDraining{.admin = AdminState::draining},
      kDisabled{.admin = AdminState::disabled}, kKilled{.admin = AdminState::disabled, .kill = true};
  std::unique_ptr<Generation> latest_;
};

TEST_F(Lives, TcpGoesOnWhateverHappens) {
  build();
  for (const BackendDynamic& dynamic : {kUp, kDown, kDraining, kDisabled}) EXPECT_EQ(fate(dynamic), Fate::keep);
  EXPECT_EQ(after(3600s), Fate::keep) << "without a grace a disabled backend keeps its connections";
}

TEST_F(Lives, WhereItIsWishedADownBackendsConnectionsAreReset) {
  config_.service[0].on_dead = OnDead::reset;
  build();
  EXPECT_EQ(fate(kDown), Fate::reset);
  EXPECT_EQ(fate(kUp), Fate::keep);
  EXPECT_EQ(fate(kDisabled), Fate::keep) << "an operator may want them to finish";
}

TEST_F(Lives, DatagramsMove) {
  make_udp();
  build();
  EXPECT_EQ(fate(kUp), Fate::keep);
  EXPECT_EQ(fate(kDraining), Fate::keep);
  EXPECT_EQ(fate(kDown), Fate::move);
  EXPECT_EQ(fate(kDisabled), Fate::move);
}

TEST_F(Lives, QuicsAreLookedAtAndMoveOnlyFromABackendThatIsDown) {
  make_udp();
  config_.service[0].quic_cid = QuicIdForm{1, 2, 5};
  for (std::uint8_t i = 0; i < 3; ++i) configured(0, i).server_id = {{7, i}};
  const auto built = build();
  EXPECT_EQ(fate(kUp), Fate::look);
  EXPECT_EQ(fate(kDisabled), Fate::look);
  EXPECT_EQ(fate(kDown), Fate::move);
  const std::array<std::uint8_t, 8> id{0x20, 7, 1};
  EXPECT_EQ(built->services->at(index(view(*built, slot("web", "web-1")).service)).quic->find(id, true), slot("web", "web-2"));
}

TEST_F(Lives, AKillIsAtOnceAndMakesTheWorkersLook) {
  const std::uint32_t before = build()->cuts;
  EXPECT_EQ(fate(kKilled), Fate::cut);
  EXPECT_EQ(latest_->cuts, before + 1);
  EXPECT_EQ(fate(kDown, "web-2"), Fate::keep);
  EXPECT_EQ(latest_->cuts, before + 1) << "once for each";
  EXPECT_EQ(fate(kUp), Fate::keep) << "who comes back keeps what was not ended yet";
}

TEST_F(Lives, ADisabledBackendsGraceEnds) {
  config_.service[0].disable_grace = 30s;
  build();
  fate(kDisabled);
  EXPECT_EQ(after(29s), Fate::keep);
  EXPECT_EQ(after(2s), Fate::cut);
  EXPECT_EQ(fate(kUp), Fate::keep);
  fate(kDisabled);
  EXPECT_EQ(after(29s), Fate::keep) << "a new time, a new grace";
  EXPECT_EQ(fate(kDraining), Fate::keep);
  EXPECT_EQ(after(60s), Fate::keep) << "a drain has no end";
}

TEST_F(Lives, OnePacketIsTold) {
  EXPECT_FALSE(service_view(*build(), "192.0.2.10:80").one_packet);
  config_.service[0].one_packet = true;
  EXPECT_TRUE(service_view(*build(), "192.0.2.10:80").one_packet);
}

}  // namespace
}  // namespace tandem::config
