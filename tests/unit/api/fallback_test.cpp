// SPDX-License-Identifier: Apache-2.0
// What an operator reads of a service on its fallback: whose connection it is, and who served it.
#include <gtest/gtest.h>

#include "controlplane/api/conn_filter.h"
#include "controlplane/api/describe.h"
#include "tests/support/made_up_node.h"

namespace tandem {
namespace {

constexpr BackendSlot kWebSlot{0}, kSorrySlot{1};

config::Service service(std::string name, std::uint32_t vip, std::uint32_t backend) {
  config::Service made;
  made.name = std::move(name);
  made.listen = {{Ipv4Address{Be32{vip}}, 80, Protocol::tcp}};
  made.backend = {{made.name + "-1", {Ipv4Address{Be32{backend}}, 80}, 1}};
  return made;
}

class OnFallback : public testing::Test {
 protected:
  OnFallback() {
    node_.board().find("web", "web-1")->slots = {kWebSlot};
    node_.board().find("sorry", "sorry-1")->slots = {kSorrySlot};
    node_.counted.slots.resize(2);
  }
  static config::Config both() {
    config::Config config;
    config.service = {service("web", 0xcb00710a, 0x0a000001), service("sorry", 0xcb00710b, 0x0a000002)};
    config.service[0].fallback = "sorry";
    return config;
  }
  void set(const std::string& name, AdminState state) { node_.board().find(name, name + "-1")->admin = state; }
  api::Service described(std::size_t which) { return describe(node_.config().service[which], node_, node_.sample(), true); }
  api::Connection listed(BackendSlot slot) {
    FoundConnection found;
    found.record.vip = Ipv4Address{Be32{0xcb00710a}}, found.record.vip_port = 80, found.record.protocol = Protocol::tcp;
    found.record.client = Ipv4Address{Be32{0x0a0a0a0a}}, found.record.backend = slot;
    return ConnNames{node_}.describe(found);
  }

  test::MadeUpNode node_{both()};
};

TEST_F(OnFallback, TheServiceIsDegradedAndSaysWhy) {
  EXPECT_EQ(described(0).state, "up");
  EXPECT_EQ(described(0).fallback, "sorry");
  EXPECT_FALSE(described(0).on_fallback);
  set("web", AdminState::disabled);
  EXPECT_EQ(described(0).state, "degraded");
  EXPECT_TRUE(described(0).on_fallback);
  EXPECT_EQ(described(1).state, "up") << "the lender is as it was";
  const api::Status status = describe_status(node_, node_.sample());
  EXPECT_EQ(status.state, "degraded");
  EXPECT_EQ(status.reasons, std::vector<std::string>{"service web is on its fallback: backends of sorry take its new connections"});
}

TEST_F(OnFallback, WithNobodyToLendItIsDown) {
  set("web", AdminState::disabled), set("sorry", AdminState::draining);
  EXPECT_EQ(described(0).state, "down");
  EXPECT_FALSE(described(0).on_fallback);
}

TEST_F(OnFallback, ALentConnectionIsTheServicesThatWasAskedAndCountsWhereItIsServed) {
  node_.counted.slots[1].new_connections = 7, node_.counted.slots[1].lent = 5;
  EXPECT_EQ(described(1).backends[0].lent_connections_total, 5u);
  EXPECT_EQ(described(1).new_connections_total, 7u);
  EXPECT_EQ(described(0).new_connections_total, 0u);
  EXPECT_EQ(listed(kWebSlot).service, "web");
  EXPECT_EQ(listed(kWebSlot).backend, "web-1");
  EXPECT_EQ(listed(kSorrySlot).service, "web");
  EXPECT_EQ(listed(kSorrySlot).backend, "sorry/sorry-1");
}

TEST_F(OnFallback, ItIsFoundByEitherName) {
  const auto finds = [&](const char* word, const char* name) {
    const auto filter = ConnFilter::read({{"filter", {{word, name}}}});
    return filter && filter->matches({}, listed(kSorrySlot));
  };
  EXPECT_TRUE(finds("service", "web"));
  EXPECT_TRUE(finds("backend", "sorry/sorry-1"));
  EXPECT_FALSE(finds("service", "sorry"));
  EXPECT_FALSE(finds("backend", "web/web-1"));
}

}  // namespace
}  // namespace tandem
