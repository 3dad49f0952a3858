// SPDX-License-Identifier: Apache-2.0
// The server and the client against each other, over real sockets in a folder of the test's own.
#include "controlplane/api/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "common/api/client.h"

namespace tandem {
namespace {

using api::Client;
using api::Json;
using std::chrono::milliseconds;

class ApiServer : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/tandem-api-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    server_.handle("version", [](const CallPtr& call) { call->reply({{"version", "9"}}); });
    server_.handle("backend.drain", [](const CallPtr& call) { call->reply({{"user", call->peer().user}, {"uid", call->peer().uid}}); });
    server_.handle("port.list", [](const CallPtr& call) { call->reply({{"limit", call->number_or("limit", 7)}}); });
    server_.handle("conn.list", [](const CallPtr& call) {
      for (int i = 0; i < 1000; ++i) call->event({{"n", i}});
      call->end({{"shown", 1000}});
    });
    server_.handle("backend.list", [this](const CallPtr& call) { say_portion(call, kPortions); });
    server_.handle("check.watch", [this](const CallPtr& call) { kept_ = call; });
    server_.handle("status", [](const CallPtr&) {});  // forgets to answer
    ASSERT_TRUE(server_.listen(folder_));
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  void TearDown() override {
    loop_.post([this] {
      kept_.reset();
      loop_.stop();
    });
    thread_.join();
    std::filesystem::remove_all(folder_);
  }
  // Much more than may wait for a client: the next portion comes when there is room, unless `hastily`.
  void say_portion(const CallPtr& call, int left) {
    for (int i = 0; i < 64; ++i) call->event({{"text", std::string(16384, 'x')}});
    if (left == 1) return call->end({{"portions", kPortions}});
    const auto next = [this, call, left] { say_portion(call, left - 1); };
    call->flag("hastily") ? next() : call->when_read(next);
  }
  Client client(const char* socket) {
    api::Answer<Client> made = Client::connect(folder_ + "/" + socket);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return std::move(*made);
  }

  static constexpr int kPortions = 32;  // of a MiB

  Loop loop_;
  Server server_{loop_};
  std::string folder_;
  CallPtr kept_;
  std::thread thread_;
};

TEST_F(ApiServer, AnswersByNameAndSaysWhoAsked) {
  Client control = client("control.sock");
  EXPECT_EQ((*control.call("version"))["version"], "9");
  EXPECT_EQ((*control.call("backend.drain"))["uid"], getuid());
}

TEST_F(ApiServer, ANumberThatNothingCouldHoldIsCut) {
  Client control = client("control.sock");
  const auto limit = [&](const Json& asked) { return (*control.call("port.list", {{"limit", asked}}))["limit"]; };
  EXPECT_EQ(limit(1e300), 1e9);
  EXPECT_EQ(limit(-1), 0);
  EXPECT_EQ(limit(12), 12);
  EXPECT_EQ(limit("12"), 7) << "of the wrong type, so as if it were missing";
}

TEST_F(ApiServer, EachSocketHasItsOwnMethods) {
  EXPECT_EQ(client("status.sock").call("backend.drain").error().exit, api::Exit::refused);
  EXPECT_EQ(client("health.sock").call("version").error().exit, api::Exit::refused);
  EXPECT_TRUE(client("status.sock").call("version"));
}

TEST_F(ApiServer, SocketsAreNotOpenToOthers) {
  for (const char* name : {"control.sock", "status.sock", "health.sock"}) {
    struct stat info {};
    ASSERT_EQ(stat((folder_ + "/" + name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0660u) << name;
  }
}

TEST_F(ApiServer, AStreamArrivesWholeAndInOrder) {
  Client control = client("control.sock");
  int expected = 0;
  const auto end =
      control.stream("conn.list", Json::object(), milliseconds{5000}, [&](const Json& event) { return event["n"] == expected++; });
  EXPECT_EQ(expected, 1000);
  EXPECT_EQ((*end)["shown"], 1000);
}

TEST_F(ApiServer, WhoHasMuchToSayWaitsForItsReader) {
  const auto read_slowly = [this](const Json& params) {
    std::size_t events = 0;
    const api::Answer<Json> end = client("control.sock").stream("backend.list", params, milliseconds{5000}, [&](const Json&) {
      if (++events == 1) std::this_thread::sleep_for(milliseconds{300});
      return true;
    });
    return std::pair{end ? (*end)["portions"].get<int>() : 0, events};
  };
  EXPECT_EQ(read_slowly(Json::object()), (std::pair{kPortions, std::size_t{64} * kPortions}));
  EXPECT_EQ(read_slowly({{"hastily", true}}).first, 0) << "more than may wait for a client: it is dropped";
}

TEST_F(ApiServer, ATimeoutIsOfSilenceAndNotOfAWholeStream) {
  std::thread speaker;
  loop_.post([&] {
    server_.handle("events.follow", [&](const CallPtr& call) {
      speaker = std::thread{[this, call] {
        for (int i = 0; i < 8; ++i) std::this_thread::sleep_for(milliseconds{50}), loop_.post([call, i] { call->event({{"n", i}}); });
        loop_.post([call] { call->end({}); });
      }};
    });
  });
  EXPECT_TRUE(client("control.sock").stream("events.follow", Json::object(), milliseconds{200}, [](const Json&) { return true; }));
  speaker.join();
}

TEST_F(ApiServer, AHandlerThatForgetsToAnswerStillAnswers) {
  EXPECT_EQ(client("control.sock").call("status").error().exit, api::Exit::failed);
}

TEST_F(ApiServer, AMethodNotBuiltAndOneUnknownAreToldApart) {
  EXPECT_EQ(client("control.sock").call("drops.list").error().message, "drops.list: not yet built in this version");
  EXPECT_EQ(client("control.sock").call("no.such").error().exit, api::Exit::version_mismatch);
}

TEST_F(ApiServer, ASilentDaemonTimesOut) {
  EXPECT_EQ(client("health.sock").call("check.watch", Json::object(), milliseconds{100}).error().exit, api::Exit::timed_out);
}

TEST_F(ApiServer, GarbageIsAnsweredAndAnEndlessLineCloses) {
  Client control = client("control.sock");
  ASSERT_GT(::send(control.fd(), "garbage\n", 8, 0), 0);
  char answer[256] = {};
  ASSERT_GT(::recv(control.fd(), answer, sizeof answer - 1, 0), 0);
  EXPECT_NE(std::string{answer}.find("bad request"), std::string::npos);
  const std::string endless(api::kMaxLineBytes + 65536, 'x');
  for (std::size_t sent = 0; sent < endless.size();) {
    const ssize_t n = ::send(control.fd(), endless.data() + sent, endless.size() - sent, MSG_NOSIGNAL);
    if (n < 0) break;
    sent += static_cast<std::size_t>(n);
  }
  EXPECT_LE(::recv(control.fd(), answer, sizeof answer, 0), 0);
}

TEST_F(ApiServer, TheSixtyFifthClientIsRefusedAndPlacesComeFree) {
  std::vector<Client> many;
  for (std::size_t i = 0; i < Server::kMaxClients; ++i) many.push_back(client("status.sock"));
  for (Client& each : many) ASSERT_TRUE(each.call("version"));
  EXPECT_FALSE(client("status.sock").call("version"));
  many.clear();
  for (int tries = 0; tries < 100 && !client("status.sock").call("version"); ++tries) std::this_thread::sleep_for(milliseconds{10});
  EXPECT_TRUE(client("status.sock").call("version"));
}

TEST_F(ApiServer, ASecondDaemonDoesNotTakeTheSocketsAway) {
  Loop other_loop;
  Server other{other_loop};
  const Result<> listening = other.listen(folder_);
  ASSERT_FALSE(listening);
  EXPECT_NE(listening.error().message.find("another tandemd listens"), std::string::npos);
  EXPECT_TRUE(client("control.sock").call("version"));
}

TEST(ApiClient, WithoutADaemonSaysSo) {
  const auto answer = Client::connect("/tmp/tandem-no-such-folder/control.sock");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().exit, api::Exit::unreachable);
  EXPECT_EQ(answer.error().hint, "is tandemd running, and with this --run-dir?");
}

}  // namespace
}  // namespace tandem
