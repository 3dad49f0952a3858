// SPDX-License-Identifier: Apache-2.0
// port.show and port.verify, asked over a socket of a desk that is made up.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "controlplane/api/port_desk.h"

namespace tandem {
namespace {

using api::Exit;
using api::Json;

class MadeUpDesk final : public PortDesk {
 public:
  std::vector<std::string> ports() const override { return {"outside", "inside"}; }
  api::PortCard card(const std::string& port) const override { return {.name = port, .traits = {{"queues", "4", "1", "", "less"}}}; }
  std::string why_busy() const override { return busy; }
  api::PortCard verify(const VerifyWish& wish) override {
    ++verified;
    return {.name = wish.port, .by = wish.by.empty() ? "inside" : wish.by, .traits = {{"queues", "4", "1", "256", "ok"}}};
  }

  std::string busy;
  int verified = 0;
};

class PortMethods : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/tandem-port-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    add_port_methods(server_, desk_);
    ASSERT_TRUE(server_.listen(folder_));
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  void TearDown() override {
    loop_.post([this] { loop_.stop(); });
    thread_.join();
    std::filesystem::remove_all(folder_);
  }
  api::Answer<Json> ask(const char* method, const Json& params) {
    api::Answer<api::Client> client = api::Client::connect(folder_ + "/control.sock");
    EXPECT_TRUE(client);
    return client->call(method, params);
  }

  Loop loop_;
  Server server_{loop_};
  MadeUpDesk desk_;
  std::string folder_;
  std::thread thread_;
};

TEST_F(PortMethods, ShowOnePort) {
  const api::Answer<Json> answer = ask("port.show", {{"port", "inside"}});
  ASSERT_TRUE(answer);
  const auto card = answer->get<api::PortCard>();
  EXPECT_EQ(card.name, "inside");
  ASSERT_EQ(card.traits.size(), 1U);
  EXPECT_EQ(card.traits[0].device, "1");
  EXPECT_EQ(card.traits[0].verdict, "less");
}

TEST_F(PortMethods, APortThatIsNotThereIsNamedBesideThoseThatAre) {
  for (const char* method : {"port.show", "port.verify"}) {
    const api::Answer<Json> answer = ask(method, {{"port", "outsid"}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().exit, Exit::no_such_object);
    EXPECT_EQ(answer.error().hint, "ports: outside, inside");
  }
  EXPECT_EQ(ask("port.verify", {{"port", "outside"}, {"by", "nowhere"}}).error().exit, Exit::no_such_object);
  EXPECT_EQ(desk_.verified, 0);
}

TEST_F(PortMethods, WhileTheNodeServesVerifyMustBeForced) {
  desk_.busy = "group blue is active here";
  const api::Answer<Json> refused = ask("port.verify", {{"port", "outside"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().exit, Exit::refused);
  EXPECT_TRUE(refused.error().message.starts_with("group blue is active here")) << refused.error().message;
  EXPECT_EQ(desk_.verified, 0);
  EXPECT_TRUE(ask("port.verify", {{"port", "outside"}, {"force", true}}));
  EXPECT_EQ(desk_.verified, 1);
}

TEST_F(PortMethods, VerifySaysWhoSent) {
  EXPECT_EQ((*ask("port.verify", {{"port", "outside"}}))["by"], "inside");
  EXPECT_EQ((*ask("port.verify", {{"port", "outside"}, {"by", "outside"}}))["by"], "outside");
}

}  // namespace
}  // namespace tandem
