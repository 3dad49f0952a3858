// SPDX-License-Identifier: Apache-2.0
#include "tests/load/endpoint.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tandem::load {
namespace {

constexpr int kBacklog = 4096, kBufferBytes = 8 << 20, kOn = 1;

void set(int socket, int level, int option, int value) { setsockopt(socket, level, option, &value, sizeof value); }

int open_socket(const Endpoint& of, int type) {
  const int made = socket(of.address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made >= 0 && type == SOCK_DGRAM) {
    set(made, SOL_SOCKET, SO_RCVBUFFORCE, kBufferBytes);
    set(made, SOL_SOCKET, SO_SNDBUFFORCE, kBufferBytes);
  }
  return made;
}

tl::unexpected<Error> gave_up(int socket, const char* what) {
  const int reason = errno;
  if (socket >= 0) close(socket);
  return fail(std::string{what} + ": " + std::strerror(reason));
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return fail("'" + text + "' has no :PORT");
  std::string address = text.substr(0, colon);
  if (address.size() > 1 && address.front() == '[') address = address.substr(1, address.size() - 2);
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  if (getaddrinfo(address.c_str(), text.c_str() + colon + 1, &wanted, &found) != 0) return fail("'" + text + "' is no address and port");
  Endpoint out;
  std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
  out.length = found->ai_addrlen;
  freeaddrinfo(found);
  return out;
}

Result<int> listen_on(const Endpoint& at) {
  const int made = open_socket(at, SOCK_STREAM);
  if (made >= 0) set(made, SOL_SOCKET, SO_REUSEADDR, kOn);
  if (made < 0 || bind(made, at.raw(), at.length) != 0 || listen(made, kBacklog) != 0) return gave_up(made, "listen");
  return made;
}

Result<int> receive_on(const Endpoint& at) {
  const int made = open_socket(at, SOCK_DGRAM);
  if (made < 0 || bind(made, at.raw(), at.length) != 0) return gave_up(made, "bind");
  return made;
}

int begin_connect(const Endpoint& to) {
  const int made = open_socket(to, SOCK_STREAM);
  if (made < 0) return -1;
  send_at_once(made);
  if (connect(made, to.raw(), to.length) == 0 || errno == EINPROGRESS) return made;
  close(made);
  return -1;
}

Result<int> speak_to(const Endpoint& to) {
  const int made = open_socket(to, SOCK_DGRAM);
  if (made < 0 || connect(made, to.raw(), to.length) != 0) return gave_up(made, "connect");
  return made;
}

std::uint16_t port_of(int socket) {
  Endpoint own;
  own.length = sizeof own.address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&own.address), &own.length);
  // In both families the port lies at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&own.address)->sin_port);
}

void send_at_once(int socket) { set(socket, IPPROTO_TCP, TCP_NODELAY, kOn); }

}  // namespace tandem::load
