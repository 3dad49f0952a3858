// SPDX-License-Identifier: Apache-2.0
// ICMP errors about connections (RFC 5508 4, RFC 4443 2.4 d). Whoever they come from, the packet they quote says whose they are: one
// to a VIP is for the backend that sent what it quotes, one to a client about a packet at a nat backend's port is from behind us.
// Their way is their connection's: its owner worker, the peer if the group is active there. They change nothing in an entry, and
// keep none alive: anybody can forge them (RFC 5927), and it is the ends that judge what is quoted of theirs.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// True: about a service's packet, and it has its verdict. False: the node's own, or its kernel's to route. Relies on is_icmp_error
// and on the frame being for one of our MACs.
bool carry_icmp_error(const Pass& pass, Packet& error) noexcept;

}  // namespace tandem
