// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/pair_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tandem {
namespace {

constexpr std::size_t kLargestDatagram = 9216;
constexpr int kBufferBytes = 8 << 20, kNetworkControl = 0xc0;  // DSCP CS6

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress out;
  if (address.family == Family::ipv4) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
    v4->sin_family = AF_INET, v4->sin_port = htons(port);
    std::memcpy(&v4->sin_addr, address.bytes.data() + 12, 4);
    out.bytes = sizeof *v4;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    v6->sin6_family = AF_INET6, v6->sin6_port = htons(port);
    std::memcpy(&v6->sin6_addr, address.bytes.data(), 16);
    out.bytes = sizeof *v6;
  }
  return out;
}

void set(int fd, int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof value); }

}  // namespace

SyncSocket::~SyncSocket() {
  if (fd_ >= 0) ::close(fd_);
}

// Connected, so that the kernel passes nothing from others. The address need not be there yet: the link may come up after us.
Result<> SyncSocket::open(const config::Sync& sync) {
  const bool v4 = sync.local.family == Family::ipv4;
  const auto wrong = [](const char* what) { return fail(std::string{"[sync] "} + what + ": " + std::strerror(errno)); };
  fd_ = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return wrong("socket");
  set(fd_, SOL_SOCKET, SO_REUSEADDR, 1), set(fd_, SOL_SOCKET, SO_RCVBUF, kBufferBytes), set(fd_, SOL_SOCKET, SO_SNDBUF, kBufferBytes);
  // Past net.core.rmem_max, whose usual 208 KiB are a hundred datagrams: less than a burst of a million records a second.
  set(fd_, SOL_SOCKET, SO_RCVBUFFORCE, kBufferBytes), set(fd_, SOL_SOCKET, SO_SNDBUFFORCE, kBufferBytes);
  set(fd_, IPPROTO_IP, IP_FREEBIND, 1), set(fd_, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, kNetworkControl);
  const SocketAddress local = socket_address(sync.local, sync.port), peer = socket_address(sync.peer, sync.port);
  if (::bind(fd_, local.get(), local.bytes) != 0) return wrong(("local " + to_string(sync.local)).c_str());
  if (::connect(fd_, peer.get(), peer.bytes) != 0 && errno != ENETUNREACH && errno != EHOSTUNREACH)
    return wrong(("peer " + to_string(sync.peer)).c_str());
  return {};
}

void SyncSocket::send(pair::Bytes datagram) noexcept {
  if (fd_ >= 0) (void)!::send(fd_, datagram.data(), datagram.size(), MSG_NOSIGNAL);
}

void SyncSocket::receive(const std::function<void(std::span<std::uint8_t>)>& handle) {
  std::array<std::uint8_t, kLargestDatagram> buffer;
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    const ssize_t bytes = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (bytes < 0 && errno == EAGAIN) return;
    if (bytes > 0) handle(std::span{buffer}.first(static_cast<std::size_t>(bytes)));
  }
}

bool PairWorld::send(WorkerId by, PortId port, pair::Bytes frame, Instant deadline) {
  return dataplane_.send_beat(by, port, frame, deadline);
}

pair::Facts PairWorld::facts(Instant now, Nanoseconds dead_time) {
  pair::Facts out;
  out.ready = ready_;
  std::array<std::uint64_t, kMaxPorts> witness{};
  for (std::size_t w = 0; w < dataplane_.workers(); ++w) {
    const WorkerCounters& counters = dataplane_.counters(static_cast<WorkerId>(w));
    const Nanoseconds age = now.since_start - Nanoseconds{static_cast<std::int64_t>(counters.last_loop_ns.get())};
    out.worst_worker_age = std::max(out.worst_worker_age, age);
    if (age > dead_time) out.stalled_workers |= std::uint64_t{1} << w;
    for (std::size_t p = 0; p < counters.port_witness.size(); ++p) witness[p] = std::max(witness[p], counters.port_witness[p].get());
  }
  for (std::size_t p = 0; p < dataplane_.port_count(); ++p) {
    pair::Facts::Port port{dataplane_.has_link(static_cast<PortId>(p)), std::nullopt};
    if (witness[p] != 0) port.witness = Instant{Nanoseconds{static_cast<std::int64_t>(witness[p])}};
    out.ports.push_back(port);
  }
  return out;
}

}  // namespace tandem
