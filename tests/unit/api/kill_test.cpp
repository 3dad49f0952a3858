// SPDX-License-Identifier: Apache-2.0
// conn.kill: each connection that matches is ended by the node that owns it, and the operator hears how it went. The words of an operator
// that end a backend's connections.
#include <gtest/gtest.h>

#include "controlplane/api/methods.h"
#include "tests/support/made_up_node.h"

namespace tandem {
namespace {

FoundConnection found(std::uint16_t client_port) {
  FoundConnection made;
  made.record.protocol = Protocol::tcp, made.record.state = ConnState::established;
  made.record.client = Ipv4Address{Be32{0x0a000005}}, made.record.vip = Ipv4Address{Be32{0xcb00710a}};
  made.record.client_port = client_port, made.record.vip_port = 80;
  return made;
}

config::Config web() {
  config::Config config;
  config.service.resize(1);
  config.service[0].name = "web";
  config.service[0].backend = {{"web-1", {Ipv4Address{Be32{0x0a000001}}, 80}, 1}, {"web-2", {Ipv4Address{Be32{0x0a000002}}, 80}, 1}};
  return config;
}

// Odd ports are the peer's, as long as somebody asks it; 2 finds a worker that takes no more.
class Node final : public test::MadeUpNode {
 public:
  Node() : MadeUpNode{web()} {}

  void scan(Found show, std::function<void(Result<>)> done) override {
    show({found(2), found(3), found(4), found(5), found(6)}, [](bool) {});
    done({});
  }
  Cut cut(const ConnRecord& record) override {
    if (record.client_port == busy) return Cut::busy;
    if (record.client_port % 2 != 0) return Cut::at_peer;
    here.push_back(record.client_port);
    return Cut::here;
  }
  void cut_at_peer(const std::vector<ConnRecord>& records, std::function<void(std::optional<api::Failure>)> done) override {
    for (const ConnRecord& record : records) there.push_back(record.client_port);
    done(peer_fails ? std::optional{api::Failure{api::Exit::partly_done, "the peer is not heard", ""}} : std::nullopt);
  }

  std::uint16_t busy = 0;
  bool peer_fails = false;
  std::vector<std::uint16_t> here, there;
};

class Ear final : public Asker {
 public:
  void write(const std::string& line) override { heard = api::Json::parse(line); }
  bool open() const override { return true; }
  void when_read(std::function<void()> task) override { task(); }
  void on_close(std::function<void()>) override {}
  void answered(const std::string&, const char*, double) override {}
  api::Json heard;
};

class Kills : public testing::Test {
 protected:
  Kills() { add_methods(server_, node_); }
  api::Json ask(const std::string& method, const api::Json& params) {
    const auto ear = std::make_shared<Ear>();
    server_.serve(ear, {0, 0, "alice"}, {1, method, params}, api::Rights::change);
    return ear->heard;
  }

  Loop loop_;
  Server server_{loop_};
  Node node_;
};

TEST_F(Kills, EachNodeEndsItsOwn) {
  const api::Json answer = ask("conn.kill", {{"filter", {{"src", "10.0.0.0/24"}}}});
  ASSERT_TRUE(answer.contains("result")) << answer;
  EXPECT_EQ(answer["result"], (api::Json{{"matched", 5}, {"here", 3}, {"at_peer", 2}, {"missed", 0}})) << answer;
  EXPECT_EQ(node_.here, (std::vector<std::uint16_t>{2, 4, 6}));
  EXPECT_EQ(node_.there, (std::vector<std::uint16_t>{3, 5}));
}

TEST_F(Kills, WhatDoesNotMatchIsLeftAlone) {
  EXPECT_EQ(ask("conn.kill", {{"filter", {{"sport", 4}}}})["result"]["matched"], 1);
  EXPECT_EQ(node_.here, std::vector<std::uint16_t>{4});
  EXPECT_TRUE(node_.there.empty());
}

TEST_F(Kills, WithoutAWordNobodyIsEnded) {
  for (const api::Json& params : {api::Json::object(), api::Json{{"filter", api::Json::object()}}, api::Json{{"filter", 7}}})
    EXPECT_EQ(ask("conn.kill", params)["error"]["exit"], 2) << params;
  EXPECT_TRUE(node_.here.empty());
}

TEST_F(Kills, WhatWasNotReachedIsTold) {
  node_.busy = 2;
  const api::Json busy = ask("conn.kill", {{"filter", {{"src", "10.0.0.5"}}}});
  EXPECT_EQ(busy["error"]["exit"], 7) << busy;
  EXPECT_EQ(busy["error"]["details"]["missed"], 1) << busy;
  node_.busy = 0, node_.peer_fails = true;
  const api::Json alone = ask("conn.kill", {{"filter", {{"src", "10.0.0.5"}}}});
  EXPECT_EQ(alone["error"]["exit"], 7) << alone;
  EXPECT_EQ(alone["error"]["details"]["here"], 3) << alone;
}

TEST_F(Kills, ABackendIsDisabledWithOrWithoutItsConnections) {
  ask("backend.disable", {{"backends", {"web/web-1"}}});
  EXPECT_EQ(node_.board().find("web", "web-1")->state(), BackendState::disabled);
  EXPECT_FALSE(node_.board().find("web", "web-1")->dynamic().kill);
  ask("backend.disable", {{"backends", {"web/web-1"}}, {"kill", true}});
  EXPECT_EQ(node_.board().find("web", "web-1")->state(), BackendState::disabled);
  EXPECT_TRUE(node_.board().find("web", "web-1")->dynamic().kill);
  ask("backend.enable", {{"backends", {"web/web-1"}}});
  EXPECT_FALSE(node_.board().find("web", "web-1")->dynamic().kill);
}

}  // namespace
}  // namespace tandem
