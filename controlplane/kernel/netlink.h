// SPDX-License-Identifier: Apache-2.0
// A route netlink socket (libmnl): requests that wait for the kernel's answer, dumps, and notifications.
// The kernel answers within the system call, so a request never blocks for long; a lost answer ends as an error after a second.
// Threads: one, the one that made it. The network namespace is the one that thread was in at open().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <libmnl/libmnl.h>

#include "common/base/result.h"

namespace tandem {

using MessageHandler = std::function<void(const nlmsghdr&)>;

// Room for one request; built with mnl_nlmsg_put_extra_header and mnl_attr_put.
class NetlinkRequest {
 public:
  NetlinkRequest(std::uint16_t type, std::uint16_t flags);
  NetlinkRequest(const NetlinkRequest&) = delete;  // message_ points into it
  NetlinkRequest& operator=(const NetlinkRequest&) = delete;

  template <typename Extra>
  Extra& header() {
    return *static_cast<Extra*>(mnl_nlmsg_put_extra_header(message_, sizeof(Extra)));
  }
  nlmsghdr* message() { return message_; }

 private:
  alignas(nlmsghdr) char bytes_[1024];
  nlmsghdr* message_;
};

class NetlinkSocket {
 public:
  static Result<NetlinkSocket> open(std::uint32_t groups = 0);  // groups: bits of RTMGRP_…

  int fd() const { return mnl_socket_get_fd(socket_.get()); }

  // Sends and waits for the acknowledgement. The error has the kernel's errno's text.
  Result<> ask(NetlinkRequest& request);
  // Sends with NLM_F_DUMP and hands over each message of the answer; again, from the start, if it changed meanwhile:
  // `begin` is called before each try.
  Result<> dump(NetlinkRequest& request, const std::function<void()>& begin, const MessageHandler& handle);

  enum class Received : std::uint8_t { nothing, some, overrun };
  // Takes one datagram of notifications. Overrun: the kernel had no room and some are lost, so dump again.
  Received receive(const MessageHandler& handle);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };
  Result<> answer(std::uint32_t sequence, const MessageHandler& handle, bool& interrupted);
  Result<> send(NetlinkRequest& request);

  std::unique_ptr<mnl_socket, Close> socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace tandem
