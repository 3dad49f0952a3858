// SPDX-License-Identifier: Apache-2.0
#include "tests/load/answers.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/load/ask.h"

namespace tandem::load {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;
const std::vector<std::byte> kNothing(kPieceBytes);  // what answers are made of

}  // namespace

class Answers::Door final : public Watched {
 public:
  Door(Answers& server, int socket) : server_{server}, socket_{socket} {}
  ~Door() override { close(socket_); }
  void ready(std::uint32_t) override {
    for (int made; (made = accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) server_.greet(made);
  }

 private:
  Answers& server_;
  int socket_;
};

// One connection. It reads the next ask when it has answered the one before.
class Answers::Line final : public Watched {
 public:
  Line(Answers& server, int socket) : server_{server}, socket_{socket} {}
  ~Line() override { hang_up(); }
  int socket() const { return socket_; }
  void hang_up() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  void ready(std::uint32_t) override {
    while (answer()) {
      if (ended_by_ask_) return server_.end(*this);
      const ssize_t got = recv(socket_, reinterpret_cast<std::byte*>(&ask_) + heard_, sizeof ask_ - heard_, 0);
      if (got < 0 && errno == EAGAIN) return want(EPOLLIN);
      if (got <= 0) return server_.end(*this);
      heard_ += static_cast<std::size_t>(got);
      if (heard_ < sizeof ask_) continue;
      heard_ = 0, owed_ = ask_.bytes, answering_last_ = ask_.last != 0;
    }
  }

 private:
  // True: nothing is owed any more.
  bool answer() {
    while (owed_ != 0) {
      const ssize_t sent = send(socket_, kNothing.data(), std::min(owed_, kPieceBytes), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return want(EPOLLOUT), false;
      if (sent < 0) return server_.end(*this), false;
      owed_ -= static_cast<std::size_t>(sent);
    }
    ended_by_ask_ = answering_last_;
    return true;
  }
  void want(std::uint32_t events) {
    if (events != wanted_) server_.loop_.change(socket_, wanted_ = events, *this);
  }

  Answers& server_;
  int socket_;
  Ask ask_;
  std::size_t heard_ = 0, owed_ = 0;
  bool answering_last_ = false, ended_by_ask_ = false;
  std::uint32_t wanted_ = EPOLLIN;
};

class Answers::Mirror final : public Watched {
 public:
  explicit Mirror(int socket) : socket_{socket} {}
  ~Mirror() override { close(socket_); }
  void ready(std::uint32_t) override {
    std::array<std::byte, 2048> bytes;
    Endpoint from;
    for (;;) {
      from.length = sizeof from.address;
      const ssize_t got = recvfrom(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from.address), &from.length);
      if (got < 0) return;
      sendto(socket_, bytes.data(), static_cast<std::size_t>(got), 0, from.raw(), from.length);
    }
  }

 private:
  int socket_;
};

Answers::Answers() = default;
Answers::~Answers() = default;

Result<> Answers::listen_tcp(const Endpoint& at) {
  const Result<int> socket = listen_on(at);
  if (!socket) return fail(socket.error());
  loop_.watch(*socket, EPOLLIN, *doors_.emplace_back(std::make_unique<Door>(*this, *socket)));
  return {};
}

Result<> Answers::listen_udp(const Endpoint& at) {
  const Result<int> socket = receive_on(at);
  if (!socket) return fail(socket.error());
  loop_.watch(*socket, EPOLLIN, *doors_.emplace_back(std::make_unique<Mirror>(*socket)));
  return {};
}

void Answers::greet(int socket) {
  send_at_once(socket);
  loop_.watch(socket, EPOLLIN, *lines_.insert_or_assign(socket, std::make_unique<Line>(*this, socket)).first->second);
}

// Closed at once, so that the end of its last answer is not late; the object is still in the middle of its work.
void Answers::end(Line& line) {
  const auto at = lines_.find(line.socket());
  loop_.forget(line.socket());
  line.hang_up();
  ended_.push_back(std::move(at->second));
  lines_.erase(at);
}

void Answers::run() {
  while (!Loop::asked_to_stop()) {
    loop_.wait(std::chrono::milliseconds{100});
    ended_.clear();
  }
}

}  // namespace tandem::load
