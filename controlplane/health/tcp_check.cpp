// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/tcp_check.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "controlplane/health/late_outcome.h"
#include "controlplane/health/probe_socket.h"

namespace tandem::health {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<SocketAddress> address_of(const api::CheckJob& job) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, hints.ai_socktype = SOCK_STREAM;  // never a resolver: it would block
  if (::getaddrinfo(job.address.c_str(), std::to_string(port_to_ask(job)).c_str(), &hints, &found) != 0) return std::nullopt;
  SocketAddress out;
  std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return out;
}

Outcome outcome_of(int error) {
  if (error == 0) return {.found = Found::ok, .text = "connected"};
  if (error == ECONNREFUSED) return {.found = Found::refused, .text = "refused"};
  return {.found = error == ETIMEDOUT ? Found::timeout : Found::error, .text = std::strerror(error)};
}

class TcpAttempt final : public Attempt {
 public:
  TcpAttempt(Loop& loop, Farewells& farewells, const api::CheckJob& job, bool verbose, Done done)
      : loop_{loop}, farewells_{farewells}, job_{job}, verbose_{verbose}, done_{std::move(done)}, begun_{SteadyClock{}.now()} {}
  ~TcpAttempt() override { close(); }
  TcpAttempt(const TcpAttempt&) = delete;
  TcpAttempt& operator=(const TcpAttempt&) = delete;

  void start(const SocketAddress& to) {
    fd_ = open_socket(to.storage.ss_family, job_);
    if (fd_ < 0 || (::connect(fd_, reinterpret_cast<const sockaddr*>(&to.storage), to.size) != 0 && errno != EINPROGRESS))
      return finish_soon(errno);
    Result<Loop::Handle> watch = loop_.watch_fd(fd_, EPOLLOUT, [this](std::uint32_t) { connected(); });
    if (!watch) return finish_soon(ENOMEM);
    watch_ = std::move(*watch);
    timer_ = loop_.after(std::chrono::milliseconds{job_.timeout_ms},
                         [this] { finish({.found = Found::timeout, .text = no_answer_in(job_.timeout_ms)}); });
  }

 private:
  void finish_soon(int error) {
    timer_ = loop_.after(Nanoseconds{}, [this, error] { finish(outcome_of(error)); });
  }

  void connected() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    finish(outcome_of(error));
  }

  void finish(Outcome outcome) {
    outcome.duration = SteadyClock{}.now() - begun_;
    if (verbose_) outcome.dialogue = dialogue(outcome);
    watch_.cancel(), timer_.cancel();
    if (outcome.ok()) farewells_.add(std::exchange(fd_, -1));
    const Done done = std::move(done_);
    done(std::move(outcome));  // may destroy this
  }

  std::vector<std::string> dialogue(const Outcome& outcome) const {
    char took[40];
    std::snprintf(took, sizeof took, " after %.1f ms", std::chrono::duration<double, std::milli>(outcome.duration).count());
    return {"* connecting to " + address_and_port(job_), "* " + outcome.text + took};
  }

  void close() {
    watch_.cancel();
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  Loop& loop_;
  Farewells& farewells_;
  api::CheckJob job_;
  bool verbose_;
  Done done_;
  Instant begun_;
  int fd_ = -1;
  Loop::Handle watch_, timer_;
};

}  // namespace

AttemptPtr TcpChecks::start(const api::CheckJob& job, bool verbose, Done done) {
  const std::optional<SocketAddress> to = address_of(job);
  if (!to) return std::make_unique<LateOutcome>(loop_, Outcome{.text = printable(job.address).append(": no address")}, std::move(done));
  auto attempt = std::make_unique<TcpAttempt>(loop_, farewells_, job, verbose, std::move(done));
  attempt->start(*to);
  return attempt;
}

Farewells::~Farewells() {
  while (!ending_.empty()) end(ending_.begin()->first);
}

void Farewells::add(int fd) {
  ::shutdown(fd, SHUT_WR);
  Result<Loop::Handle> watch = loop_.watch_fd(fd, EPOLLIN, [this, fd](std::uint32_t) { drain(fd); });
  if (!watch || ending_.size() >= kMost) {
    if (watch) watch->cancel();
    ::close(fd);
    return;
  }
  ending_[fd] = {std::move(*watch), loop_.after(kLongest, [this, fd] { end(fd); })};
}

void Farewells::drain(int fd) {
  std::array<char, 4096> bytes;
  const ssize_t n = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) return;
  end(fd);
}

void Farewells::end(int fd) {
  ending_.erase(fd);  // its watch goes before the descriptor does
  ::close(fd);
}

}  // namespace tandem::health
