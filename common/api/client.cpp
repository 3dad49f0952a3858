// SPDX-License-Identifier: Apache-2.0
#include "common/api/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tandem::api {
namespace {

using std::chrono::steady_clock;

tl::unexpected<Failure> failure(Exit exit, std::string message, std::string hint = {}) {
  return tl::unexpected<Failure>{Failure{exit, std::move(message), std::move(hint)}};
}

tl::unexpected<Failure> unreachable(const std::string& path, int error) {
  if (error == EAGAIN) return failure(Exit::timed_out, path + ": tandemd takes no more callers", "is it stopped?");
  const std::string hint = error == EACCES   ? "your user may not open the socket; see its group with ls -l"
                           : error == ENOENT ? "is tandemd running, and with this --run-dir?"
                                             : "is tandemd running?";
  return failure(Exit::unreachable, path + ": " + std::strerror(error), hint);
}

Failure failure_of(const Json& error) {
  return Failure{static_cast<Exit>(error.value("exit", 1)), error.value("message", "no reason given"), error.value("hint", ""),
                 error.value("details", Json{})};
}

}  // namespace

Answer<Client> Client::connect(const std::string& socket_path, std::chrono::milliseconds timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) return failure(Exit::usage, socket_path + ": longer than a socket's path may be");
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return unreachable(socket_path, errno);
  Client client{fd};
  const timeval longest{timeout.count() / 1000, timeout.count() % 1000 * 1000};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return unreachable(socket_path, errno);
  return client;
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

Client::Client(Client&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, next_id_{other.next_id_}, reader_{std::move(other.reader_)} {}

Client& Client::operator=(Client&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(next_id_, other.next_id_);
  std::swap(reader_, other.reader_);
  return *this;
}

Answer<void> Client::send(const std::string& line) {
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t n = ::send(fd_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return failure(Exit::timed_out, "tandemd does not read what it is asked", "is it stopped?");
    if (n < 0) return failure(Exit::unreachable, std::string{"tandemd closed the connection: "} + std::strerror(errno));
    sent += static_cast<std::size_t>(n);
  }
  return {};
}

Answer<Json> Client::next_line(steady_clock::time_point deadline, bool forever) {
  for (;;) {
    if (const std::optional<std::string> line = reader_.next()) {
      Json object = Json::parse(*line, nullptr, false);
      if (!object.is_object()) return failure(Exit::version_mismatch, "tandemd answered something that is not JSON");
      return object;
    }
    if (reader_.broken()) return failure(Exit::version_mismatch, "tandemd answered a line longer than 16 MiB");
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    if (!forever && left <= 0) return failure(Exit::timed_out, "tandemd did not answer in time", "is it stopped? raise --timeout");
    pollfd waiting{fd_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, forever ? -1 : static_cast<int>(std::min<decltype(left)>(left + 1, 60'000)));
    if (ready < 0 && errno == EINTR) return failure(Exit::interrupted, "interrupted");
    if (ready <= 0) continue;
    std::array<char, 16384> bytes;  // on the caller's stack, which may be a library's small one
    const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (n <= 0) return failure(Exit::unreachable, "tandemd closed the connection");
    reader_.append({bytes.data(), static_cast<std::size_t>(n)});
  }
}

Answer<Json> Client::call(const std::string& method, const Json& params, Timeout timeout) {
  return stream(method, params, timeout, [](const Json&) { return true; });
}

Answer<Json> Client::stream(const std::string& method, const Json& params, Timeout timeout,
                            const std::function<bool(const Json&)>& handle) {
  const std::uint64_t id = next_id_++;
  if (const Answer<void> sent = send(request_line({id, method, params})); !sent) return tl::unexpected{sent.error()};
  auto deadline = steady_clock::now() + timeout;
  for (;;) {
    const Answer<Json> line = next_line(deadline, timeout == Timeout::zero());
    if (!line) return line;
    if (line->value("id", std::uint64_t{0}) != id) continue;  // the rest of a stream that was stopped early
    if (line->contains("error")) return tl::unexpected{failure_of((*line)["error"])};
    if (line->contains("result")) return (*line)["result"];
    if (line->contains("end")) return (*line)["end"];
    if (line->contains("event") && !handle((*line)["event"])) return Json{};
    deadline = steady_clock::now() + timeout;
  }
}

}  // namespace tandem::api
