// SPDX-License-Identifier: Apache-2.0
#include "tests/load/echo_server.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_map>

#include "tests/load/outbox.h"

namespace tandem::load {

class EchoServer::Door final : public Watched {
 public:
  Door(EchoServer& server, int socket) : server_{server}, socket_{socket} {}
  ~Door() override { close(socket_); }

  void ready(std::uint32_t) override {
    for (int made; (made = accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) server_.greet(made);
  }

 private:
  EchoServer& server_;
  int socket_;
};

// One stream.
class EchoServer::Line final : public Watched {
 public:
  Line(EchoServer& server, int socket) : server_{server}, socket_{socket} { outbox_.add(std::as_bytes(std::span{server.name_})); }
  ~Line() override { close(socket_); }

  void ready(std::uint32_t) override {
    const Read read = read_all(socket_, [this](std::span<const std::byte> bytes) {
      verifier_.take(bytes);
      outbox_.add(bytes);
    });
    if (read == Read::broken || !outbox_.flush(socket_)) return server_.end(*this, true);
    if (read == Read::end) over_ = true;
    if (over_ && outbox_.empty()) return server_.end(*this, false);
    // What was read to its end would be ready for ever.
    const std::uint32_t wanted = (over_ ? 0U : std::uint32_t{EPOLLIN}) | (outbox_.empty() ? 0U : std::uint32_t{EPOLLOUT});
    if (wanted != watched_) server_.loop_.change(socket_, watched_ = wanted, *this);
  }

  int socket() const { return socket_; }
  const Verifier& verifier() const { return verifier_; }

 private:
  EchoServer& server_;
  int socket_;
  Verifier verifier_;
  Outbox outbox_;
  bool over_ = false;
  std::uint32_t watched_ = EPOLLIN | EPOLLOUT;
};

class EchoServer::Well final : public Watched {
 public:
  Well(EchoServer& server, int socket) : server_{server}, socket_{socket} {}
  ~Well() override { close(socket_); }

  void ready(std::uint32_t) override {
    Datagram datagram;
    Endpoint from;
    for (;;) {
      from.length = sizeof from.address;
      const ssize_t got = recvfrom(socket_, &datagram, sizeof datagram, 0, reinterpret_cast<sockaddr*>(&from.address), &from.length);
      if (got < 0 && errno == EAGAIN) return;
      if (got != sizeof datagram || !datagram.block.whole()) ++server_.served_.datagrams_strange;
      else echo(datagram, from);
    }
  }

 private:
  void echo(Datagram& datagram, const Endpoint& to) {
    ++server_.served_.datagrams;
    std::vector<bool>& seen = seen_[datagram.block.stream];
    const std::size_t number = datagram.block.number;
    if (number >= seen.size()) seen.resize(number + 1);
    server_.served_.datagrams_doubled += seen[number];
    seen[number] = true;
    datagram.server = server_.name_;
    sendto(socket_, &datagram, sizeof datagram, 0, to.raw(), to.length);
  }

  EchoServer& server_;
  int socket_;
  std::unordered_map<std::uint64_t, std::vector<bool>> seen_;  // by flow, whose number nobody else has
};

EchoServer::EchoServer(const std::string& name) : name_{to_name(name)} {}

EchoServer::~EchoServer() = default;

Result<> EchoServer::listen_tcp(const Endpoint& at) {
  const Result<int> socket = listen_on(at);
  if (!socket) return fail(socket.error());
  doors_.push_back(std::make_unique<Door>(*this, *socket));
  loop_.watch(*socket, EPOLLIN, *doors_.back());
  return {};
}

Result<> EchoServer::listen_udp(const Endpoint& at) {
  const Result<int> socket = receive_on(at);
  if (!socket) return fail(socket.error());
  doors_.push_back(std::make_unique<Well>(*this, *socket));
  loop_.watch(*socket, EPOLLIN, *doors_.back());
  return {};
}

void EchoServer::greet(int socket) {
  send_at_once(socket);
  ++served_.streams;
  Line& line = *lines_.insert_or_assign(socket, std::make_unique<Line>(*this, socket)).first->second;
  loop_.watch(socket, EPOLLIN | EPOLLOUT, line);
}

void EchoServer::end(Line& line, bool reset) {
  ++(reset ? served_.reset : served_.finished);
  served_.blocks += line.verifier().next();
  served_.faults += line.verifier().faults();
  loop_.forget(line.socket());
  const auto at = lines_.find(line.socket());
  ended_.push_back(std::move(at->second));
  lines_.erase(at);
}

void EchoServer::run() {
  while (!Loop::asked_to_stop()) {
    loop_.wait(std::chrono::milliseconds{100});
    ended_.clear();
  }
  while (!lines_.empty()) end(*lines_.begin()->second, true);
}

nlohmann::json EchoServer::report() const {
  return {{"name", to_text(name_)},
          {"streams", served_.streams},
          {"states", {{"finished", served_.finished}, {"reset", served_.reset}}},
          {"blocks", served_.blocks},
          {"lost", served_.faults.lost},
          {"doubled", served_.faults.doubled},
          {"damaged", served_.faults.damaged},
          {"datagrams", served_.datagrams},
          {"datagrams_doubled", served_.datagrams_doubled},
          {"datagrams_strange", served_.datagrams_strange}};
}

}  // namespace tandem::load
