// SPDX-License-Identifier: Apache-2.0
// A check's socket. One that asks a backend for a VIP is connected to TCP port 0 of the backend, with the job's mark as its DSCP: the
// node's kernel makes the VIP of it on the way out (docs/design/health.md). Nobody serves port 0, so what is not turned round fails.
#pragma once

#include <sys/socket.h>

#include "common/api/types.h"

namespace tandem::health {

std::uint16_t port_to_ask(const api::CheckJob& job);  // what the socket is connected to, host order
void set_port(sockaddr& address, std::uint16_t port);

// Non-blocking; below 0: errno says why not.
int open_socket(int family, const api::CheckJob& job);

}  // namespace tandem::health
