// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/line_channel.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace tandem::health {

Result<> LineChannel::connect(const std::string& path) {
  close();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(path + ": longer than a socket's path may be");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string why = std::strerror(errno);
    close();
    return fail(path + ": " + why);
  }
  Result<Loop::Handle> watch = loop_.watch_fd(fd_, EPOLLIN, [this](std::uint32_t events) { ready(events); });
  if (!watch) return close(), fail(watch.error());
  watch_ = std::move(*watch);
  return {};
}

void LineChannel::close() {
  watch_.cancel();
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  reader_ = api::LineReader{api::kMaxAnswerBytes};
  waiting_.clear();
}

void LineChannel::lost(const std::string& why) {
  close();
  on_close_(why);
}

bool LineChannel::send(const std::string& line) {
  if (!open() || waiting_.size() + line.size() > kMostWaiting) return false;
  waiting_ += line;
  flush();
  return open();
}

void LineChannel::ready(std::uint32_t events) {
  if (events & EPOLLOUT) flush();
  if (open() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read();
}

void LineChannel::read() {
  std::array<char, 65536> bytes;
  const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return lost(n == 0 ? "closed by tandemd" : std::strerror(errno));
  reader_.append({bytes.data(), static_cast<std::size_t>(n)});
  while (open()) {
    const std::optional<std::string> line = reader_.next();
    if (!line) break;
    on_line_(*line);
  }
  if (open() && reader_.broken()) lost("a line longer than 16 MiB");
}

void LineChannel::flush() {
  std::size_t sent = 0;
  while (sent < waiting_.size()) {
    const ssize_t n = ::send(fd_, waiting_.data() + sent, waiting_.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) return lost(std::strerror(errno));
    if (n < 0) break;
    sent += static_cast<std::size_t>(n);
  }
  waiting_.erase(0, sent);
  watch_.set_events(waiting_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

}  // namespace tandem::health
