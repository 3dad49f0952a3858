// SPDX-License-Identifier: Apache-2.0
// Two nodes share a seed and a configuration, not its order: they must choose alike, and so must their hashes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "dataplane/lb/owner.h"
#include "tests/unit/lb/service.h"

namespace tandem::lb_test {
namespace {

constexpr const char* kOrder = "TANDEM_LB_ORDER";

// Everything that a schedule decides: its tables, and the choices for 100,000 flows in a row, as bytes.
std::string all_decisions(std::size_t backends, unsigned order) {
  auto members = members_of(backends, [](std::size_t i) { return static_cast<std::uint16_t>(1 + i % 5); });
  std::shuffle(members.begin(), members.end(), std::mt19937{order});
  Service service{std::move(members)};
  std::string bytes;
  for (const std::size_t which : {0, 1})
    for (const MemberIndex member : service.schedule().table(which).slots())
      bytes.append(reinterpret_cast<const char*>(&member), sizeof member);
  for (std::size_t i = 0; i < 100'000; ++i) {
    const BackendSlot slot = service.schedule().slot_of(service.give(flow(i)).member);
    bytes.append(reinterpret_cast<const char*>(&slot), sizeof slot);
  }
  return bytes += std::to_string(service.schedule().version());
}

// What the other process runs: this program once more, asked for this test alone.
TEST(TwoNodes, DISABLED_WritesItsDecisions) {
  std::ofstream out{std::getenv("TANDEM_LB_FILE"), std::ios::binary};
  for (const std::size_t backends : {2, 10, 100, 1000})
    out << all_decisions(backends, static_cast<unsigned>(std::atoi(std::getenv(kOrder))));
}

std::string decisions_of_another_process(unsigned order) {
  const std::string file = testing::TempDir() + "tandem-lb-" + std::to_string(getpid()) + "-" + std::to_string(order);
  const std::string command = std::string{kOrder} + "=" + std::to_string(order) + " TANDEM_LB_FILE=" + file + " '" +
                              std::filesystem::read_symlink("/proc/self/exe").string() +
                              "' --gtest_also_run_disabled_tests --gtest_filter=TwoNodes.DISABLED_WritesItsDecisions >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ifstream in{file, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  std::filesystem::remove(file);
  return bytes;
}

TEST(TwoNodes, ChooseAlikeWhateverTheOrderOfTheirConfigurations) {
  const std::string one = decisions_of_another_process(1), other = decisions_of_another_process(2);
  std::printf("two processes, two orders: %zu bytes of tables and choices, equal: %s\n", one.size(), one == other ? "yes" : "no");
  EXPECT_GT(one.size(), 4 * (4 * std::size_t{kMaglevSlots} + 200'000));
  EXPECT_TRUE(one == other);
}

TEST(TwoNodes, OfDifferentSeedsDisagree) {
  const Schedule one{kSeed, members_of(10)}, other{HashSeed{9}, members_of(10)};
  EXPECT_NE(one.version(), other.version());
  EXPECT_FALSE(std::ranges::equal(one.table(0).slots(), other.table(0).slots()));
}

TEST(FlowHash, IsTheSameByFamilyAndByEndpoint) {
  const SipKey key{1, 2};
  const Ipv4Address client{Be32{0xc6336407}}, vip{Be32{0xcb00710a}};
  EXPECT_EQ(schedule_hash(key, client, Be16{51514}, vip, Be16{443}, Protocol::tcp),
            schedule_hash(key, Endpoint{client, 51514}, Endpoint{vip, 443}, Protocol::tcp));
  Ipv6Address client6, vip6;
  client6.bytes[15] = 1, vip6.bytes[15] = 2;
  EXPECT_EQ(schedule_hash(key, client6, Be16{51514}, vip6, Be16{443}, Protocol::udp),
            schedule_hash(key, Endpoint{client6, 51514}, Endpoint{vip6, 443}, Protocol::udp));
}

TEST(FlowHash, EveryPartOfTheTupleMatters) {
  const SipKey key{1, 2};
  const Ipv4Address a{Be32{1}}, b{Be32{2}};
  std::set<std::uint64_t> hashes{
      schedule_hash(key, a, Be16{1}, b, Be16{2}, Protocol::tcp), schedule_hash(key, b, Be16{1}, a, Be16{2}, Protocol::tcp),
      schedule_hash(key, a, Be16{2}, b, Be16{1}, Protocol::tcp), schedule_hash(key, a, Be16{1}, b, Be16{2}, Protocol::udp),
      schedule_hash({2, 1}, a, Be16{1}, b, Be16{2}, Protocol::tcp)};
  EXPECT_EQ(hashes.size(), 5u);
  EXPECT_NE(member_identity(key, {a, 80}, Protocol::tcp), member_identity(key, {a, 81}, Protocol::tcp));
  EXPECT_NE(member_identity(key, {a, 80}, Protocol::tcp), member_identity(key, {a, 80}, Protocol::udp));
  EXPECT_NE(source_hash(key, a), source_hash(key, b));
}

TEST(Owner, EveryWorkerGetsItsShareOfClients) {
  for (const std::size_t workers : {1, 3, 8}) {
    const OwnerMap owners = even_owners(workers);
    std::vector<std::size_t> owned(workers);
    for (std::size_t i = 0; i < 100'000; ++i) ++owned[index(owner_of(static_cast<std::uint32_t>(flow(i)), owners))];
    for (const std::size_t count : owned) EXPECT_NEAR(static_cast<double>(count), 1e5 / static_cast<double>(workers), 1e5 / 50);
  }
}

}  // namespace
}  // namespace tandem::lb_test
