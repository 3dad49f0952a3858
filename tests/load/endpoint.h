// SPDX-License-Identifier: Apache-2.0
// Addresses as ADDRESS:PORT or [ADDRESS]:PORT, and sockets of them that never block.
#pragma once

#include <netinet/in.h>

#include <string>

#include "common/base/result.h"

namespace tandem::load {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Result<Endpoint> parse_endpoint(const std::string& text);

Result<int> listen_on(const Endpoint& at);   // TCP
Result<int> receive_on(const Endpoint& at);  // UDP, with room for what comes while we do something else
int begin_connect(const Endpoint& to);       // TCP; -1 with errno when it is refused at once
Result<int> speak_to(const Endpoint& to);    // UDP, connected
std::uint16_t port_of(int socket);           // the local one
void send_at_once(int socket);               // no waiting for more to say

}  // namespace tandem::load
