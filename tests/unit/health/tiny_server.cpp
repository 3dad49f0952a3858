// SPDX-License-Identifier: Apache-2.0
#include "tiny_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/ensure.h"

namespace tandem::health {
namespace {

struct Loopback {
  sockaddr_storage storage{};
  socklen_t size;
  explicit Loopback(bool ipv6, std::uint16_t port = 0) : size{ipv6 ? socklen_t{sizeof(sockaddr_in6)} : socklen_t{sizeof(sockaddr_in)}} {
    if (ipv6) {
      auto& address = reinterpret_cast<sockaddr_in6&>(storage);
      address.sin6_family = AF_INET6, address.sin6_addr = in6addr_loopback, address.sin6_port = htons(port);
    } else {
      auto& address = reinterpret_cast<sockaddr_in&>(storage);
      address.sin_family = AF_INET, address.sin_addr.s_addr = htonl(INADDR_LOOPBACK), address.sin_port = htons(port);
    }
  }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

}  // namespace

bool turn_until(Loop& loop, const std::function<bool()>& done, Nanoseconds longest) {
  const SteadyClock clock;
  const Instant end = clock.now() + longest;
  while (!done() && clock.now() < end) loop.run_once(std::chrono::milliseconds{5});
  return done();
}

TinyServer::TinyServer(Loop& loop, Manner manner) : loop_{loop}, manner_{std::move(manner)} {
  Loopback here{manner_.ipv6};
  fd_ = ::socket(here.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  ensure(::bind(fd_, here.get(), here.size) == 0 && ::listen(fd_, manner_.accepts ? 512 : 0) == 0);
  ensure(::getsockname(fd_, here.get(), &here.size) == 0);
  port_ =
      ntohs(manner_.ipv6 ? reinterpret_cast<sockaddr_in6&>(here.storage).sin6_port : reinterpret_cast<sockaddr_in&>(here.storage).sin_port);
  if (manner_.accepts) watch_ = std::move(*loop_.watch_fd(fd_, EPOLLIN, [this](std::uint32_t) { accept(); }));
}

TinyServer::~TinyServer() {
  while (!callers_.empty()) drop(callers_.begin()->first);
  for (const int fd : fillers_) ::close(fd);
  watch_.cancel();
  ::close(fd_);
}

void TinyServer::fill_queue() {
  for (int i = 0; i < 4; ++i) {
    Loopback there{manner_.ipv6, port_};
    fillers_.push_back(::socket(there.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(fillers_.back(), there.get(), there.size);
  }
}

void TinyServer::accept() {
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  ++accepted;
  if (manner_.closes_at_once) return void(::close(fd));
  callers_[fd].watch = std::move(*loop_.watch_fd(fd, EPOLLIN, [this, fd](std::uint32_t events) { ready(fd, events); }));
  if (!manner_.greeting.empty()) say(fd, manner_.greeting);
}

void TinyServer::ready(int fd, std::uint32_t events) {
  Caller& caller = callers_.at(fd);
  if (events & EPOLLOUT) say(fd, manner_.endlessly);
  std::array<char, 4096> bytes;
  const ssize_t n = ::recv(fd, bytes.data(), bytes.size(), 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) {
    ++(n == 0 ? ended_well : reset);
    return drop(fd);
  }
  caller.heard.append(bytes.data(), static_cast<std::size_t>(n));
  if (caller.answered || caller.heard.find("\r\n\r\n") == std::string::npos) return;
  caller.answered = true, request = caller.heard;
  if (manner_.answer.empty()) return;
  say(fd, manner_.answer);
  if (!manner_.endlessly.empty()) return caller.watch.set_events(EPOLLIN | EPOLLOUT);
  if (manner_.closes) ::shutdown(fd, SHUT_WR);
}

void TinyServer::say(int fd, const std::string& text) {
  [[maybe_unused]] const ssize_t said = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

void TinyServer::drop(int fd) {
  callers_.erase(fd);
  ::close(fd);
}

std::string http_answer(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " Text\r\nServer: tiny\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

api::CheckJob job_for(const std::string& type, std::uint16_t port) {
  api::CheckJob job;
  job.service = "web", job.backend = "web-1", job.address = "127.0.0.1", job.port = port, job.type = type;
  job.path = "/", job.expect = "200-399", job.interval_ms = 100, job.timeout_ms = 3000;
  return job;
}

}  // namespace tandem::health
