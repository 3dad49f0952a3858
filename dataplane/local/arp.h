// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataplane/local/answer.h"

namespace tandem {

// RFC 826 for our addresses, probes of RFC 5227 (sender 0.0.0.0) included. Relies on PacketKind::arp.
Answer answer_arp(Packet& packet, const Generation& generation, const Roles& roles) noexcept;

// Relies on a packet that answer_arp found sound.
bool is_arp_reply(const Packet& packet) noexcept;

}  // namespace tandem
