// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataplane/local/answer.h"

namespace tandem {

// RFC 826 for our addresses, probes of RFC 5227 (sender 0.0.0.0) included. Relies on PacketKind::arp.
Answer answer_arp(Packet& packet, const Generation& generation) noexcept;

}  // namespace tandem
