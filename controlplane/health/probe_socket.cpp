// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/probe_socket.h"

#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>

namespace tandem::health {
namespace {

bool set_mark(int fd, int family, int mark) {
  const int traffic_class = mark << 2;
  return family == AF_INET ? ::setsockopt(fd, IPPROTO_IP, IP_TOS, &traffic_class, sizeof traffic_class) == 0
                           : ::setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &traffic_class, sizeof traffic_class) == 0;
}

// Answers of all backends come from one VIP, so the local port alone tells whose they are. A port that is asked for by itself is
// nobody else's; one that comes with connect() may be, towards another backend.
bool take_port(int fd, int family) {
  sockaddr_storage any{};
  any.ss_family = static_cast<sa_family_t>(family);
  const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&any), size) == 0;
}

}  // namespace

std::uint16_t port_to_ask(const api::CheckJob& job) { return job.vip.empty() ? job.port : 0; }

void set_port(sockaddr& address, std::uint16_t port) {
  if (address.sa_family == AF_INET) reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
  else reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
}

int open_socket(int family, const api::CheckJob& job) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0 || job.vip.empty()) return fd;
  if (set_mark(fd, family, static_cast<int>(job.mark)) && take_port(fd, family)) return fd;
  const int why = errno;
  ::close(fd);
  errno = why;
  return -1;
}

}  // namespace tandem::health
