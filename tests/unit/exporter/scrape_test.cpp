// SPDX-License-Identifier: Apache-2.0
// The whole way: a real status.sock with a made-up snapshot, the HTTP server, a scrape, and what promtool says of it.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "controlplane/api/server.h"
#include "controlplane/exporter/daemon_metrics.h"
#include "controlplane/exporter/listener.h"
#include "made_up.h"

namespace tandem::exporter {
namespace {

using namespace std::chrono_literals;

// A tandemd that knows one method, on a thread of its own.
class FakeDaemon {
 public:
  explicit FakeDaemon(const std::string& folder, api::Snapshot snapshot = made_up_snapshot()) : snapshot_{std::move(snapshot)} {
    server_.emplace(loop_);
    server_->handle("stats.snapshot", [this](const CallPtr& call) {
      ++asked;
      if (delay.load() == 0ms) return call->reply(snapshot_);
      waiting_.push_back({call, loop_.after(delay.load(), [this, call] { call->reply(snapshot_); })});
    });
    EXPECT_TRUE(server_->listen(folder));
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  ~FakeDaemon() {
    loop_.stop();
    thread_.join();
    waiting_.clear();
    server_.reset();
  }

  std::atomic<int> asked{0};
  std::atomic<std::chrono::milliseconds> delay{0ms};

 private:
  struct Waiting {
    CallPtr call;
    Loop::Handle timer;
  };
  api::Snapshot snapshot_;
  Loop loop_;
  std::vector<Waiting> waiting_;
  std::optional<Server> server_;
  std::thread thread_;
};

std::string http_get(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in there{};
  there.sin_family = AF_INET, there.sin_addr.s_addr = htonl(INADDR_LOOPBACK), there.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there), 0);
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string all;
  char bytes[65536];
  for (ssize_t n = 0; (n = ::recv(fd, bytes, sizeof bytes, 0)) > 0;) all.append(bytes, static_cast<std::size_t>(n));
  ::close(fd);
  return all;
}

std::string body_of(const std::string& answer) { return answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size())); }

struct Scrape : testing::Test {
  void SetUp() override {
    char made[] = "/tmp/tandem-scrape-XXXXXX";
    ASSERT_NE(::mkdtemp(made), nullptr);
    folder = made;
    metrics = std::make_shared<DaemonMetrics>(folder + "/status.sock", 20s);  // sanitizers are slow
    auto opened = open_listener("127.0.0.1:0");
    ASSERT_TRUE(opened) << opened.error().message;
    listener = std::move(*opened);
    listener->RegisterCollectable(metrics);
    port = listener->GetListeningPorts().front();
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string folder;
  std::shared_ptr<DaemonMetrics> metrics;
  std::unique_ptr<prometheus::Exposer> listener;
  int port = 0;
};

TEST_F(Scrape, WithTheDaemonAwayItSucceedsAndSaysSo) {
  const std::string answer = http_get(port);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer.substr(0, 100);
  EXPECT_NE(answer.find("\ntandem_up 0\n"), std::string::npos);
  EXPECT_EQ(answer.find("tandem_build_info"), std::string::npos);
}

TEST_F(Scrape, TheDaemonMayComeAndGo) {
  {
    const FakeDaemon daemon{folder};
    EXPECT_NE(http_get(port).find("\ntandem_up 1\n"), std::string::npos);
  }
  std::this_thread::sleep_for(2 * SharedAnswer<Reading>::kFresh);
  EXPECT_NE(http_get(port).find("\ntandem_up 0\n"), std::string::npos);
  std::this_thread::sleep_for(2 * SharedAnswer<Reading>::kFresh);
  const FakeDaemon again{folder};
  EXPECT_NE(http_get(port).find("\ntandem_up 1\n"), std::string::npos);
}

TEST_F(Scrape, PromtoolFindsNothingToCriticise) {
  const FakeDaemon daemon{folder};
  http_get(port);
  std::ofstream{folder + "/page"} << body_of(http_get(port));
  const int status = std::system(("promtool check metrics < " + folder + "/page > " + folder + "/said 2>&1").c_str());
  std::ifstream said{folder + "/said"};
  const std::string text{std::istreambuf_iterator<char>{said}, {}};
  EXPECT_EQ(status, 0) << text;
  EXPECT_EQ(text, "");
}

TEST_F(Scrape, HoldsTheFamiliesOfTheCatalogueFileAndNoOther) {
  const FakeDaemon daemon{folder};
  http_get(port);
  std::set<std::string> catalogue;
  std::ifstream file{TANDEM_CATALOGUE};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("name ")) catalogue.insert(line.substr(line.find('"') + 1, line.rfind('"') - line.find('"') - 1));
  ASSERT_GT(catalogue.size(), 50u) << TANDEM_CATALOGUE;
  EXPECT_EQ(family_names_in(body_of(http_get(port))), catalogue);
}

TEST_F(Scrape, ThoseThatComeTogetherShareOneRequest) {
  FakeDaemon daemon{folder};
  daemon.delay = 300ms;
  std::atomic<int> good = 0;
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 4; ++i) scrapers.emplace_back([&] { good += http_get(port).find("\ntandem_up 1\n") != std::string::npos ? 1 : 0; });
  for (std::thread& each : scrapers) each.join();
  EXPECT_EQ(good, 4);
  EXPECT_LE(daemon.asked, 2) << "a late one may need a second";
}

TEST_F(Scrape, ThreadsThatCollectTogetherShareOneRequest) {
  FakeDaemon daemon{folder};
  daemon.delay = 300ms;
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 8; ++i) scrapers.emplace_back([&] { EXPECT_GT(metrics->Collect().size(), 10u); });
  for (std::thread& each : scrapers) each.join();
  EXPECT_EQ(daemon.asked, 1);
}

TEST_F(Scrape, OneAfterTheOtherAskEachAnew) {
  const FakeDaemon daemon{folder};
  for (int i = 0; i < 3; ++i) {
    http_get(port);
    std::this_thread::sleep_for(2 * SharedAnswer<Reading>::kFresh);
  }
  EXPECT_EQ(daemon.asked, 3);
}

TEST_F(Scrape, ASnapshotBeyondAMebibyteIsRead) {
  const FakeDaemon daemon{folder, made_up_snapshot(50, 20)};
  EXPECT_NE(http_get(port).find("tandem_backend_up{service=\"s49\",backend=\"b19\"} 1"), std::string::npos);
}

TEST(Reading, ADaemonThatTakesTooLongCountsAsAway) {
  char made[] = "/tmp/tandem-scrape-XXXXXX";
  ASSERT_NE(::mkdtemp(made), nullptr);
  const std::string folder = made;
  {
    FakeDaemon daemon{folder};
    daemon.delay = 2s;
    const auto begun = std::chrono::steady_clock::now();
    const Reading reading = read_snapshot(folder + "/status.sock", 200ms);
    EXPECT_EQ(reading.snapshot, nullptr);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1500ms);
    EXPECT_NE(reading.why, "");
  }
  std::filesystem::remove_all(folder);
}

// As a daemon under SIGSTOP: the kernel takes callers until its queue is full, then connecting itself would wait for ever.
TEST(Reading, AStoppedDaemonWithAFullQueueCountsAsAway) {
  char made[] = "/tmp/tandem-scrape-XXXXXX";
  ASSERT_NE(::mkdtemp(made), nullptr);
  const std::string folder = made, path = folder + "/status.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(read_snapshot(path, 100ms).snapshot, nullptr);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
  ::close(fd);
  std::filesystem::remove_all(folder);
}

TEST(Listener, APortThatIsTakenIsNamed) {
  const auto first = open_listener("127.0.0.1:0");
  ASSERT_TRUE(first);
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->GetListeningPorts().front());
  const auto second = open_listener(taken);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "--listen " + taken + ": another program listens there; see who with: ss -ltnp");
}

TEST(Listener, WhatIsNoAddressSaysWhatWasExpected) {
  for (const char* listen : {"", "18263", "localhost:18263", "[::1]:18263", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:80x"}) {
    const auto opened = open_listener(listen);
    ASSERT_FALSE(opened) << listen;
    EXPECT_NE(opened.error().message.find("expected an IPv4 address and a port"), std::string::npos) << opened.error().message;
  }
}

}  // namespace
}  // namespace tandem::exporter
