// SPDX-License-Identifier: Apache-2.0
// deny and allow as the API takes them: what is done, what is refused and with which exit code, what the lists show.
#include "controlplane/api/methods.h"

#include <thread>

#include "common/api/client.h"
#include "tests/support/made_up_node.h"
#include "tests/unit/guard_lists/said.h"

namespace tandem::guard {
namespace {

config::Config with_web() {
  config::Config config;
  config::Service web;
  web.name = "web";
  config.service = {web};
  config.protect.prefixes = {prefix("192.0.2.0/24")};
  return config;
}

class GuardMethods : public testing::Test {
 protected:
  GuardMethods() {
    node_.guard().configure(node_.config().protect.prefixes);
    add_guard_methods(server_, node_);
    EXPECT_TRUE(server_.listen(folder_.file("")));
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  ~GuardMethods() override {
    loop_.post([this] { loop_.stop(); });
    thread_.join();
  }
  api::Answer<api::Json> ask(const std::string& method, const api::Json& params) {
    return api::Client::connect(folder_.file("control.sock")).value().call(method, params);
  }
  // Its events, and the end behind them.
  std::vector<api::Json> stream(const std::string& method, const api::Json& params) {
    std::vector<api::Json> out;
    api::Client client = api::Client::connect(folder_.file("control.sock")).value();
    const api::Answer<api::Json> end = client.stream(method, params, std::chrono::seconds{10}, [&](const api::Json& event) {
      out.push_back(event);
      return true;
    });
    EXPECT_TRUE(end);
    if (end) out.push_back(*end);
    return out;
  }
  int exit_of(const std::string& method, const api::Json& params) {
    const api::Answer<api::Json> answer = ask(method, params);
    return answer ? 0 : static_cast<int>(answer.error().exit);
  }
  std::string message_of(const std::string& method, const api::Json& params) { return ask(method, params).error().message; }
  // The loop's thread has answered, and waits.
  bool is_denied(std::string_view client) { return denies(node_.guard().lists().view->everywhere->find(ip(client))); }

  Folder folder_;
  Loop loop_;
  Server server_{loop_};
  test::MadeUpNode node_{with_web()};
  std::thread thread_;
};

api::Json prefixes(const std::vector<std::string>& texts) { return {{"prefixes", texts}}; }

TEST_F(GuardMethods, AnAddressIsDeniedAndTheNewStateAnswered) {
  const auto done =
      ask("deny.add", {{"prefixes", {"198.51.100.66"}}, {"ttl_seconds", 3600}, {"reason", "crowdsec"}}).value().get<api::GuardChange>();
  ASSERT_EQ(done.entries.size(), 1U);
  EXPECT_EQ(done.entries[0].prefix + " " + done.entries[0].reason + " " + done.entries[0].state, "198.51.100.66/32 crowdsec in force");
  EXPECT_FALSE(done.entries[0].user.empty());
  EXPECT_NEAR(*done.entries[0].ttl_seconds, 3600, 2);
  EXPECT_TRUE(is_denied("198.51.100.66"));
  EXPECT_EQ(exit_of("deny.del", prefixes({"198.51.100.66"})), 0);
  EXPECT_FALSE(is_denied("198.51.100.66"));
}

TEST_F(GuardMethods, WhatMayNotBeIsRefusedWithItsReason) {
  EXPECT_EQ(exit_of("deny.add", prefixes({"192.0.2.7"})), 5);
  EXPECT_EQ(message_of("deny.add", prefixes({"192.0.2.7"})), "192.0.2.7: protected: [protect] prefixes has 192.0.2.0/24");
  EXPECT_EQ(exit_of("deny.add", {{"prefixes", {"192.0.2.7"}}, {"force", true}}), 5) << "never";
  EXPECT_EQ(exit_of("deny.add", prefixes({"0.0.0.0/0"})), 5);
  EXPECT_EQ(exit_of("deny.add", {{"prefixes", {"0.0.0.0/0"}}, {"force", true}}), 0);
  EXPECT_TRUE(is_denied("8.8.8.8"));
  EXPECT_FALSE(is_denied("192.0.2.7")) << "denied around, not within";
  EXPECT_EQ(exit_of("deny.add", {{"prefixes", {"10.0.0.1"}}, {"service", "wbe"}}), 4);
  EXPECT_EQ(exit_of("deny.del", prefixes({"10.9.9.9"})), 4);
  EXPECT_EQ(exit_of("deny.add", prefixes({"10.0.0.1/24"})), 2);
  EXPECT_NE(message_of("deny.add", prefixes({"10.0.0.1/24"})).find("10.0.0.0/24 was meant"), std::string::npos);
  EXPECT_EQ(exit_of("deny.add", prefixes({})), 2);
  EXPECT_EQ(exit_of("allow.add", prefixes({"192.0.2.7"})), 0) << "nothing stands against that";
}

TEST_F(GuardMethods, NamedOnesAreDoneAllOrNone) {
  EXPECT_EQ(exit_of("deny.add", prefixes({"10.0.0.1", "192.0.2.7"})), 5);
  EXPECT_FALSE(is_denied("10.0.0.1"));
}

TEST_F(GuardMethods, OfManyThoseThatAreRefusedAreToldAndTheOthersDone) {
  const api::Json wish{{"prefixes", {"10.0.0.1", "192.0.2.7", "banana", "10.0.0.1"}}, {"skip_refused", true}};
  const auto done = ask("deny.add", wish).value().get<api::GuardChange>();
  EXPECT_EQ(done.changed, 1U);
  ASSERT_EQ(done.refused.size(), 2U);
  EXPECT_EQ(done.refused[0].prefix + ", " + done.refused[1].prefix, "192.0.2.7, banana");
  EXPECT_TRUE(is_denied("10.0.0.1"));
}

TEST_F(GuardMethods, ListsShowWhatMatches) {
  ask("deny.add", prefixes({"10.0.0.0/8", "10.1.2.0/24", "10.1.2.3", "11.0.0.0/24"}));
  ask("deny.add", {{"prefixes", {"10.1.0.0/16"}}, {"service", "web"}});
  ask("allow.add", prefixes({"10.1.2.4"}));
  const auto shown = [&](const api::Json& params) {
    std::string out;
    for (const api::Json& line : stream("deny.list", params))
      if (line.contains("prefix")) out += line["prefix"].get<std::string>() + " ";
    return out;
  };
  EXPECT_EQ(shown(api::Json::object()), "10.0.0.0/8 10.1.2.0/24 10.1.2.3/32 11.0.0.0/24 10.1.0.0/16 ");
  EXPECT_EQ(shown({{"prefix", "10.1.2.3"}}), "10.0.0.0/8 10.1.2.0/24 10.1.2.3/32 10.1.0.0/16 ");
  EXPECT_EQ(shown({{"service", "web"}}), "10.1.0.0/16 ");
  EXPECT_EQ(stream("deny.list", {{"limit", 2}}).back(), (api::Json{{"shown", 2}, {"matched", 5}}));
  EXPECT_EQ(stream("allow.list", api::Json::object()).back()["shown"], 1);
}

TEST_F(GuardMethods, ALongListComesWhole) {
  std::vector<std::string> many;
  for (int i = 0; i < 25'000; ++i) many.push_back("10." + std::to_string(i / 250) + ".0." + std::to_string(i % 250));
  EXPECT_EQ(exit_of("deny.add", prefixes(many)), 0);
  EXPECT_EQ(stream("deny.list", {{"limit", 100'000}}).size(), 25'001U);
}

}  // namespace
}  // namespace tandem::guard
