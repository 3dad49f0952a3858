// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/netlink.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "controlplane/kernel/messages.h"

namespace tandem {
namespace {

// The kernel sizes dump parts by the reader's buffer, up to this.
constexpr std::size_t kReceiveBytes = 32768;
// Some 10,000 notifications: a flap of many routes. Beyond it the mirror dumps again.
constexpr int kSocketBufferBytes = 4 << 20;
constexpr unsigned kDumpTries = 5;

std::string text(int error) { return std::strerror(error); }

}  // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) : message_{mnl_nlmsg_put_header(bytes_)} {
  message_->nlmsg_type = type;
  message_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
}

Result<NetlinkSocket> NetlinkSocket::open(std::uint32_t groups) {
  NetlinkSocket opened;
  opened.socket_.reset(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | (groups != 0 ? SOCK_NONBLOCK : 0)));
  if (!opened.socket_) return fail("netlink: " + text(errno));
  const int fd = opened.fd();
  // Both may be refused; then the buffer is smaller, which an overrun heals.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kSocketBufferBytes, sizeof kSocketBufferBytes) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
  }
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (mnl_socket_bind(opened.socket_.get(), groups, MNL_SOCKET_AUTOPID) < 0) return fail("netlink: " + text(errno));
  return opened;
}

Result<> NetlinkSocket::send(NetlinkRequest& request) {
  request.message()->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_.get(), request.message(), request.message()->nlmsg_len) < 0) return fail("netlink: " + text(errno));
  return {};
}

Result<> NetlinkSocket::ask(NetlinkRequest& request) {
  request.message()->nlmsg_flags |= NLM_F_ACK;
  bool interrupted = false;
  return send(request).and_then([&] {
    return answer(
        sequence_, [](const nlmsghdr&) {}, interrupted);
  });
}

Result<> NetlinkSocket::dump(NetlinkRequest& request, const std::function<void()>& begin, const MessageHandler& handle) {
  request.message()->nlmsg_flags |= NLM_F_DUMP;
  for (unsigned tries = 0; tries < kDumpTries; ++tries) {
    begin();
    bool interrupted = false;
    const Result<> done = send(request).and_then([&] { return answer(sequence_, handle, interrupted); });
    if (!done || !interrupted) return done;
  }
  return fail("netlink: the kernel's tables change faster than they can be read");
}

// Reads until the end mark of this request.
Result<> NetlinkSocket::answer(std::uint32_t sequence, const MessageHandler& handle, bool& interrupted) {
  alignas(nlmsghdr) static thread_local char buffer[kReceiveBytes];
  while (true) {
    const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("netlink: " + text(errno));
    int left = static_cast<int>(got);
    for (const nlmsghdr* message = reinterpret_cast<nlmsghdr*>(buffer); is_whole(message, left); message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_seq != sequence) continue;  // of a request given up earlier
      if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
      if (message->nlmsg_type == NLMSG_DONE) return {};
      if (message->nlmsg_type == NLMSG_ERROR) {
        if (mnl_nlmsg_get_payload_len(message) < sizeof(nlmsgerr)) return fail("netlink: truncated answer");
        const int error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error;
        if (error == 0) return {};
        return fail("netlink: " + text(-error));
      }
      handle(*message);
    }
  }
}

NetlinkSocket::Received NetlinkSocket::receive(const MessageHandler& handle) {
  alignas(nlmsghdr) static thread_local char buffer[kReceiveBytes];
  const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer, sizeof buffer);
  // ENOSPC is libmnl's word for a datagram larger than the buffer, ENOBUFS the kernel's for a full socket: both lose news.
  if (got < 0) return errno == ENOBUFS || errno == ENOSPC ? Received::overrun : Received::nothing;
  int left = static_cast<int>(got);
  for (const nlmsghdr* message = reinterpret_cast<nlmsghdr*>(buffer); is_whole(message, left); message = mnl_nlmsg_next(message, &left)) {
    handle(*message);
  }
  return Received::some;
}

}  // namespace tandem
