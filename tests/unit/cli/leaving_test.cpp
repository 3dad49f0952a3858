// SPDX-License-Identifier: Apache-2.0
// A daemon that goes away in the middle, at the level of bytes: the server itself cannot be made to misbehave so.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

// Takes one client, reads its request, sends these bytes and closes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string bytes) : bytes_{std::move(bytes)} {
    char folder[] = "/tmp/tandem-cli-XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~OneAnswer() {
    thread_.join();
    ::close(fd_);
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ + "/control.sock"; }

 private:
  void serve() {
    const int client = ::accept(fd_, nullptr, nullptr);
    char request[4096];
    EXPECT_GT(::recv(client, request, sizeof request, 0), 0);
    EXPECT_EQ(::send(client, bytes_.data(), bytes_.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes_.size()));
    ::close(client);
  }

  std::string bytes_, folder_;
  int fd_ = -1;
  std::thread thread_;
};

Tool::Ran run_against(const OneAnswer& daemon, const std::vector<std::string>& words) {
  Tool tool;
  tool.socket = daemon.path();
  return tool.run(words);
}

TEST(Leaving, MidStreamIsToldWithWhatCame) {
  const OneAnswer daemon{api::event_line(1, samples::connection(0))};
  const Tool::Ran ran = run_against(daemon, {"conn", "list", "-o", "plain", "--no-header"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << ran.out;
  EXPECT_EQ(ran.err, "error: tandemd closed the connection (the list is not complete: 1 connection came)\n");
}

TEST(Leaving, MidLineIsTheSame) {
  const OneAnswer daemon{R"({"id":1,"result":[{"obj)"};
  EXPECT_EQ(run_against(daemon, {"warnings"}).exit, 3);
}

TEST(Leaving, WithGarbageIsAVersionThatCannotTalk) {
  const OneAnswer daemon{"HTTP/1.1 400 Bad Request\r\n\r\n"};
  EXPECT_EQ(run_against(daemon, {"warnings"}).exit, 9);
}

TEST(Leaving, WithAnErrorOfAnotherShapeIsAVersionThatCannotTalk) {
  const OneAnswer daemon{R"({"id":1,"error":{"exit":"four","message":["no"]}})"
                         "\n"};
  const Tool::Ran ran = run_against(daemon, {"warnings"});
  EXPECT_EQ(ran.exit, 9) << ran.err;
  EXPECT_NE(ran.err.find("cannot be read"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace tandem::cli
