// SPDX-License-Identifier: Apache-2.0
#include "controlplane/exporter/listener.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <optional>
#include <vector>

namespace tandem::exporter {
namespace {

std::optional<sockaddr_in> parse(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  sockaddr_in out{};
  out.sin_family = AF_INET;
  std::uint16_t port = 0;
  const char* const end = listen.data() + listen.size();
  const auto [stop, error] = std::from_chars(listen.data() + colon + 1, end, port);
  if (error != std::errc{} || stop != end || ::inet_pton(AF_INET, listen.substr(0, colon).c_str(), &out.sin_addr) != 1) return std::nullopt;
  out.sin_port = htons(port);
  return out;
}

// The library only says that it could not; the kernel says why.
Result<> try_to_bind(const sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd, 1) == 0;
  const int error = errno;
  ::close(fd);
  if (bound) return {};
  return fail(error == EADDRINUSE ? "another program listens there; see who with: ss -ltnp" : std::strerror(error));
}

}  // namespace

Result<std::unique_ptr<prometheus::Exposer>> open_listener(const std::string& listen) {
  const std::optional<sockaddr_in> address = parse(listen);
  if (!address) return fail("--listen " + listen + ": expected an IPv4 address and a port, as 127.0.0.1:18263");
  if (Result<> free = try_to_bind(*address); !free) return fail(free.error().within("--listen " + listen));
  // Two threads, the default, are blocked by two idle connections when nothing limits them.
  const std::vector<std::string> options{"listening_ports", listen, "num_threads", "4", "request_timeout_ms", "2000"};
  try {
    return std::make_unique<prometheus::Exposer>(options);
  } catch (const std::exception& wrong) {
    return fail("--listen " + listen + ": the HTTP server does not start: " + wrong.what());
  }
}

}  // namespace tandem::exporter
