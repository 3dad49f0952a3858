// SPDX-License-Identifier: Apache-2.0
// The way out of a backend, and of a service: nobody is forgotten while an entry may still name him.
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class Leaving : public BuilderWorld {
 protected:
  // web-2 leaves the configuration; returns its slot.
  BackendSlot remove_web2() {
    build();
    const BackendSlot left = slot("web", "web-2");
    config_.service[0].backend.erase(config_.service[0].backend.begin() + 1);
    gone_ = build();
    return left;
  }
  std::unique_ptr<Generation> after(std::chrono::nanoseconds wait) {
    now_ = now_ + wait;
    changed_ = builder_.advance(now_);
    return builder_.build();
  }

  std::unique_ptr<Generation> gone_;
  bool changed_ = false;
};

TEST_F(Leaving, ARemovedBackendGoesOnForwardingButGetsNothingNew) {
  const BackendSlot left = remove_web2();
  EXPECT_EQ(view(*gone_, left).state, BackendState::gone);
  EXPECT_EQ(view(*gone_, left).incarnation, 0);
  EXPECT_TRUE(hop(*gone_, left).resolved());
  EXPECT_NE(nat_backend(*gone_, "10.0.0.12:80"), nullptr) << "its replies are recognised";
  EXPECT_EQ(service_view(*gone_, "192.0.2.10:80").schedule->size(), 2u);
  EXPECT_TRUE(builder_.slots_of("web", "web-2").empty());
  EXPECT_EQ(builder_.leaving(), std::vector{left});
  EXPECT_TRUE(std::ranges::count(builder_.wanted_neighbours(), NextHopKey{ip("10.0.0.12"), {kInside, 0}}));
}

TEST_F(Leaving, AfterItsGraceItsConnectionsAreEndedAndThenItsEntriesAreVoid) {
  const BackendSlot left = remove_web2();
  EXPECT_EQ(after(59s)->backends, gone_->backends);
  EXPECT_FALSE(changed_);
  const auto ending = after(1s);
  EXPECT_TRUE(changed_);
  EXPECT_EQ(view(*ending, left).fate, Fate::cut);
  EXPECT_EQ(ending->cuts, gone_->cuts + 1) << "the workers look for those who are silent";
  EXPECT_NE(nat_backend(*ending, "10.0.0.12:80"), nullptr) << "the last of its replies are answered by resets";
  EXPECT_EQ(after(11s)->cuts, ending->cuts);
  const auto cut = after(1s);
  EXPECT_TRUE(changed_);
  EXPECT_EQ(view(*cut, left).state, BackendState::unused);
  EXPECT_EQ(view(*cut, left).incarnation, 1) << "entries carry incarnation 0";
  EXPECT_FALSE(hop(*cut, left).resolved());
  EXPECT_EQ(nat_backend(*cut, "10.0.0.12:80"), nullptr);
  EXPECT_EQ(builder_.leaving(), std::vector{left}) << "entries may still name it";
}

TEST_F(Leaving, TheServicesOwnGraceCounts) {
  config_.service[0].grace = 5s;
  const BackendSlot left = remove_web2();
  EXPECT_EQ(view(*after(4s), left).fate, Fate::keep);
  EXPECT_EQ(view(*after(1s), left).fate, Fate::cut);
}

TEST_F(Leaving, ASlotIsUsedAgainOnlyAfterReleaseAndRestWithItsNextIncarnation) {
  const BackendSlot left = remove_web2();
  after(3600s);
  config_.service[0].backend.push_back(backend("web-4", "10.0.0.14:80"));
  build();
  EXPECT_NE(slot("web", "web-4"), left) << "nobody said that no entry is left";

  ASSERT_TRUE(builder_.release(left, now_));
  EXPECT_TRUE(builder_.leaving().empty());
  after(59s);
  config_.service[0].backend.push_back(backend("web-5", "10.0.0.15:80"));
  build();
  EXPECT_NE(slot("web", "web-5"), left) << "a sweep may not have passed yet";

  after(1s);
  config_.service[0].backend.push_back(backend("web-6", "10.0.0.16:80"));
  const auto reused = build();
  EXPECT_EQ(slot("web", "web-6"), left);
  EXPECT_EQ(view(*reused, left).incarnation, 1);
  EXPECT_EQ(view(*reused, left).address, ip("10.0.0.16"));
  EXPECT_EQ(view(*reused, left).state, BackendState::up);
}

TEST_F(Leaving, WithoutEntriesTheSlotRestsAtOnce) {
  const BackendSlot left = remove_web2();
  ASSERT_TRUE(builder_.release(left, now_));
  const auto resting = builder_.build();
  EXPECT_EQ(view(*resting, left).state, BackendState::unused);
  EXPECT_EQ(view(*resting, left).incarnation, 1);
  EXPECT_FALSE(builder_.release(left, now_)) << "once is enough";
}

TEST_F(Leaving, AConfiguredBackendIsNotReleased) {
  build();
  EXPECT_FALSE(builder_.release(slot("web", "web-1"), now_));
  EXPECT_FALSE(builder_.release(BackendSlot{999}, now_));
}

TEST_F(Leaving, WhoComesBackWhileGoneIsTheOldOne) {
  const BackendSlot left = remove_web2();
  after(30s);
  config_.service[0].backend.push_back(backend("web-2", "10.0.0.12:80"));
  const auto back = build();
  EXPECT_EQ(slot("web", "web-2"), left);
  EXPECT_EQ(view(*back, left).state, BackendState::up);
  EXPECT_EQ(view(*back, left).incarnation, 0) << "its connections never noticed";
  EXPECT_EQ(view(*after(100s), left).state, BackendState::up) << "the old grace is forgotten";
}

TEST_F(Leaving, WhoComesBackWhileItsConnectionsAreEndedIsTheOldOne) {
  const BackendSlot left = remove_web2();
  after(60s);
  config_.service[0].backend.push_back(backend("web-2", "10.0.0.12:80"));
  EXPECT_EQ(view(*build(), left).fate, Fate::keep) << "what was not ended yet goes on";
}

TEST_F(Leaving, WhoComesBackAfterTheCutIsANewOne) {
  const BackendSlot left = remove_web2();
  after(60s), after(12s);
  config_.service[0].backend.push_back(backend("web-2", "10.0.0.12:80"));
  build();
  EXPECT_NE(slot("web", "web-2"), left);
}

TEST_F(Leaving, IncarnationsGrowWithEachUseAndWrap) {
  BackendSlot used = remove_web2();
  for (int i = 1; i <= 300; ++i) {
    ASSERT_TRUE(builder_.release(used, now_));
    after(60s);
    config_.service[0].backend.push_back(backend("guest", "10.0.0.50:80"));
    const auto built = build();
    ASSERT_EQ(slot("web", "guest"), used);
    ASSERT_EQ(view(*built, used).incarnation, i % 256);
    config_.service[0].backend.pop_back();
    build();
  }
}

TEST_F(Leaving, ARemovedServiceIsServedOnForItsConnectionsButTakesNoNewOnes) {
  const ServiceId mail = service_id(*build(), "192.0.2.20:25");
  const BackendSlot one = slot("mail", "mail-1"), two = slot("mail", "mail-2");
  config_.service.pop_back();
  const auto gone = build();
  EXPECT_NE(gone->index->find_vip(ip("192.0.2.20")), nullptr) << "its clients' packets are still ours";
  EXPECT_EQ(service_id(*gone, "192.0.2.20:25"), kNoService);
  EXPECT_TRUE(gone->services->at(index(mail)).used);
  EXPECT_EQ(gone->services->at(index(mail)).live->count(), 0u);
  EXPECT_EQ(view(*gone, one).state, BackendState::gone);

  EXPECT_NE(after(60s)->index->find_vip(ip("192.0.2.20")), nullptr);
  const auto cut = after(12s);
  EXPECT_EQ(cut->index->find_vip(ip("192.0.2.20")), nullptr);
  EXPECT_TRUE(cut->services->at(index(mail)).used) << "entries may still name it";
  builder_.release(one, now_), builder_.release(two, now_);
  EXPECT_FALSE(after(60s)->services->at(index(mail)).used);

  config_.service.push_back(service("new", "192.0.2.30:80", {backend("n", "10.0.0.30:80")}));
  EXPECT_EQ(service_id(*build(), "192.0.2.30:80"), mail) << "the id is free again";
}

TEST_F(Leaving, ARemovedServiceThatReturnsIsTheOldOne) {
  const auto before = build();
  const ServiceId mail = service_id(*before, "192.0.2.20:25");
  const auto turns = before->services->at(index(mail)).turns;
  const BackendSlot one = slot("mail", "mail-1");
  const Service kept = config_.service.back();
  config_.service.pop_back();
  build();
  config_.service.push_back(kept);
  const auto back = build();
  EXPECT_EQ(service_id(*back, "192.0.2.20:25"), mail);
  EXPECT_EQ(slot("mail", "mail-1"), one);
  EXPECT_EQ(view(*back, one).state, BackendState::up);
  EXPECT_EQ(service_view(*back, "192.0.2.20:25").live->count(), 2u);
}

TEST_F(Leaving, AServiceWithoutBackendsIsForgottenAtOnce) {
  config_.service = {service("empty", "192.0.2.30:80", {})};
  const auto with = build();
  const ServiceId empty = service_id(*with, "192.0.2.30:80");
  ASSERT_NE(empty, kNoService);
  config_.service.clear();
  EXPECT_EQ(build()->index->find_vip(ip("192.0.2.30")), nullptr);
  EXPECT_FALSE(after(1s)->services->at(index(empty)).used);
}

}  // namespace
}  // namespace tandem::config
