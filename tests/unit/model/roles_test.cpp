// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/roles.h"

#include <gtest/gtest.h>

#include <thread>

#include "dataplane/model/lan.h"

namespace tandem {
namespace {

Roles parts_of(const RoleBoard& board) {
  Roles roles = board.get();
  roles.turn = 0;
  return roles;
}

TEST(Roles, WithoutAPairEveryVipIsOurs) {
  const Roles roles = RoleBoard{}.get();
  EXPECT_EQ(roles, Roles{});
  EXPECT_TRUE(roles.is_active(kNoGroup) && roles.takes_frames_of(kNoGroup));
  EXPECT_FALSE(roles.is_on_peer(kNoGroup) || roles.is_active(GroupId{0}));
}

TEST(Roles, EveryGroupsPartIsReadAsItWasSet) {
  RoleBoard board;
  for (std::size_t group = 0; group < kMaxGroups; ++group) {
    const Roles set{.active = 1U << group, .receives = Roles::kUngrouped | 3U << group >> 1, .on_peer = 1U << (kMaxGroups - 1 - group)};
    board.set(set);
    EXPECT_EQ(parts_of(board), set);
    EXPECT_TRUE(board.get().is_active(static_cast<GroupId>(group)));
  }
}

TEST(Roles, ATurnIsCountedWhenAPartChanges) {
  RoleBoard board;
  const Roles ours{.active = 1}, none{.active = 0};
  board.set(ours), board.set(ours);
  EXPECT_EQ(board.get().turn, 1);
  board.set(none), board.set(ours);
  EXPECT_EQ(board.get().turn, 3) << "who saw neither knows that there were two";
  for (int i = 0; i < 8200; ++i) board.set(i % 2 == 0 ? none : ours);
  EXPECT_EQ(board.get().turn, (3 + 8200) % 8192);
  EXPECT_EQ(parts_of(board), ours);
}

TEST(Roles, AllPartsChangeAtOnce) {
  RoleBoard board;
  const Roles ours{.active = 0xffff, .receives = 0xffff, .on_peer = 0}, peers{.active = 0, .receives = 0, .on_peer = 0xffff};
  board.set(ours);
  std::thread failing_over{[&] {
    for (int i = 0; i < 100'000; ++i) board.set(i % 2 == 0 ? peers : ours);
  }};
  for (int i = 0; i < 100'000; ++i) {
    const Roles seen = parts_of(board);
    ASSERT_TRUE(seen == ours || seen == peers);
  }
  failing_over.join();
}

TEST(Lan, AGroupAnswersWithItsMacOfTheFamilyOrThePorts) {
  const MacAddress own{{2, 0, 0, 0, 0, 1}}, mac4{{0, 0, 0x5e, 0, 1, 7}}, mac6{{0, 0, 0x5e, 0, 2, 7}};
  PortView port;
  port.mac = own;
  port.virtual_macs = {{mac4, 0, GroupId{0}}, {mac6, 0, GroupId{0}}};
  EXPECT_EQ(answering_mac(port, 0, GroupId{0}, Family::ipv4), mac4);
  EXPECT_EQ(answering_mac(port, 0, GroupId{0}, Family::ipv6), mac6);
  EXPECT_EQ(answering_mac(port, 9, GroupId{0}, Family::ipv4), own);
  EXPECT_EQ(answering_mac(port, 0, kNoGroup, Family::ipv4), own);
  EXPECT_EQ(virtual_mac_at(port, 9, mac4), nullptr) << "another VLAN is another LAN";
}

TEST(Lan, APeerWhoseMacIsUnknownHasNone) {
  PortView port;
  port.peers = {{Ipv4Address{Be32{0x0a000002}}, 0, {}}, {Ipv4Address{Be32{0x0a000102}}, 7, {{2, 0, 0, 0, 0, 9}}}};
  EXPECT_EQ(peer_mac_on(port, 0), nullptr);
  ASSERT_NE(peer_mac_on(port, 7), nullptr);
  EXPECT_TRUE(is_peer_address(port, 0, Ipv4Address{Be32{0x0a000002}}));
  EXPECT_FALSE(is_peer_address(port, 7, Ipv4Address{Be32{0x0a000002}}));
}

TEST(Lan, AGroupThatIsNotThereLetsNothingThrough) {
  Generation generation;
  EXPECT_EQ(transit_of(generation, GroupId{0}), Transit::drop);
  generation.groups = std::make_shared<std::vector<GroupView>>(1, GroupView{Transit::route});
  EXPECT_EQ(transit_of(generation, GroupId{0}), Transit::route);
  EXPECT_EQ(transit_of(generation, GroupId{1}), Transit::drop);
}

}  // namespace
}  // namespace tandem
