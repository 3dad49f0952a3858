// SPDX-License-Identifier: Apache-2.0
// Whatever a client sends, each whole line gets exactly one last answer: a result, an end, or an error that says why. The first
// byte chooses the socket; the rest goes through a real Connection into every method of the API.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/ensure.h"
#include "controlplane/api/connection.h"
#include "controlplane/api/methods.h"
#include "tests/fuzz/fake_node.h"

using namespace tandem;

namespace {

class Client {
 public:
  explicit Client(api::Rights most) {
    int ends[2];
    ensure(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    fd_ = ends[0];
    add_methods(server_, node_);
    connection_ = std::make_shared<Connection>(server_, ends[1], Peer{0, 1, "somebody"}, most);
    ensure(connection_->start(loop_).has_value());
  }
  ~Client() {
    connection_->close();
    ::close(fd_);
  }

  // What came back, all of it: while something was read there may be more.
  std::string say(std::string_view text) {
    std::string answers;
    while (true) {
      const ssize_t sent = text.empty() ? 0 : ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
      loop_.run_once({});
      if (!read_into(answers) && sent <= 0) return answers;
    }
  }
  bool open() const { return connection_->open(); }

 private:
  bool read_into(std::string& answers) const {
    char bytes[65536];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got > 0) answers.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  Loop loop_;
  Server server_{loop_};
  fuzz::FakeNode node_;
  std::shared_ptr<Connection> connection_;
  int fd_ = -1;
};

// True when it is the last word on its request.
bool judge_answer(const std::string& line) {
  const api::Json answer = api::Json::parse(line, nullptr, false);
  ensure(answer.is_object() && answer.size() == 2 && answer.contains("id"));
  if (answer.contains("event")) return false;
  if (answer.contains("error")) ensure(answer["error"]["exit"] != 0 && !answer["error"]["message"].get<std::string>().empty());
  else ensure(answer.contains("result") || answer.contains("end"));
  return true;
}

std::size_t count_last_answers(const std::string& answers) {
  std::size_t last = 0;
  api::LineReader reader{api::kMaxAnswerBytes};
  reader.append(answers);
  while (const auto line = reader.next()) last += judge_answer(*line) ? 1 : 0;
  return last;
}

// A stream that goes on until its client leaves has no last answer.
std::size_t count_owed(std::string_view text, api::Rights most) {
  std::size_t owed = 0;
  api::LineReader reader;
  reader.append(text);
  while (const auto line = reader.next()) {
    const Result<api::Request> request = api::parse_request(*line);
    const bool follows = request && request->method == "events.follow" && most != api::Rights::health;
    owed += follows ? 0 : 1;
  }
  return owed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const api::Rights most = data[0] % 4 == 2 ? api::Rights::read : data[0] % 4 == 3 ? api::Rights::health : api::Rights::change;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  Client client{most};
  const std::string answers = client.say(text);
  const std::size_t last = count_last_answers(answers);
  ensure(last <= count_owed(text, most));
  if (client.open()) ensure(last == count_owed(text, most));
  return 0;
}
