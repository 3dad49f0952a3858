// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "controlplane/api/server.h"

namespace tandem {

Connection::Connection(Server& server, int fd, Peer peer, api::Rights most)
    : server_{&server}, fd_{fd}, peer_{std::move(peer)}, most_{most} {}

Connection::~Connection() { close(); }

Result<> Connection::start(Loop& loop) {
  Result<Loop::Handle> watch = loop.watch_fd(fd_, EPOLLIN, [this](std::uint32_t events) { ready(events); });
  if (!watch) return fail(watch.error());
  watch_ = std::move(*watch);
  return {};
}

void Connection::ready(std::uint32_t events) {
  const std::shared_ptr<Connection> keep = shared_from_this();  // closing lets the server forget us
  if (events & EPOLLOUT) flush();
  if (open() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read();
}

void Connection::read() {
  std::array<char, 65536> bytes;
  const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return close();
  reader_.append({bytes.data(), static_cast<std::size_t>(n)});
  while (open()) {
    const std::optional<std::string> line = reader_.next();
    if (!line) break;
    handle_line(*line);
  }
  if (open() && reader_.broken()) close();
}

void Connection::handle_line(const std::string& line) {
  const Result<api::Request> request = api::parse_request(line);
  if (!request) return write(api::error_line(0, {api::Exit::usage, "bad request: " + request.error().message}));
  server_->dispatch(std::make_shared<Call>(weak_from_this(), peer_, *request), most_);
}

void Connection::write(const std::string& line) {
  if (!open()) return;
  if (waiting_.size() + line.size() > kMaxWaitingBytes) return close();
  const bool idle = waiting_.empty();
  waiting_ += line;
  if (idle) flush();
}

void Connection::flush() {
  std::size_t sent = 0;
  while (sent < waiting_.size()) {
    const ssize_t n = ::send(fd_, waiting_.data() + sent, waiting_.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) return close();
    if (n < 0) break;
    sent += static_cast<std::size_t>(n);
  }
  waiting_.erase(0, sent);
  watch_.set_events(waiting_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
  if (waiting_.size() <= kCongestedBytes) tell_readers();
}

void Connection::when_read(std::function<void()> task) {
  if (open() && waiting_.size() > kCongestedBytes) readers_.push_back(std::move(task));
  else task();
}

void Connection::tell_readers() {
  for (const std::function<void()>& task : std::exchange(readers_, {})) task();
}

void Connection::close() {
  if (!open()) return;
  watch_.cancel();
  ::close(std::exchange(fd_, -1));
  for (const std::function<void()>& task : std::exchange(closers_, {})) task();
  tell_readers();
  server_->forget(this);
}

void Connection::answered(const std::string& method, const char* result, double seconds) { server_->count(method, result, seconds); }

}  // namespace tandem
