// SPDX-License-Identifier: Apache-2.0
// An entry as the pair's record of it.
#pragma once

#include "dataplane/conn/expiry.h"
#include "dataplane/conn/table.h"
#include "dataplane/model/generation.h"

namespace tandem {

static_assert(kTick == std::chrono::seconds{1}, "idle times are told in seconds");

template <typename Entry>
constexpr Family family_of() noexcept {
  return std::is_same_v<Entry, ConnEntry4> ? Family::ipv4 : Family::ipv6;
}

// Without us the schedule would choose the same for it. A full-nat connection has a port of ours besides.
template <typename Entry>
bool is_derivable(const Entry& entry) noexcept {
  return !entry.is(kConnException) && entry.method != ForwardingMethod::full_nat;
}

template <typename Entry>
bool peer_may_have(const Entry& entry) noexcept {
  return entry.is(kConnTold) || entry.is(kConnSynced);
}

// An entry holds addresses of its own family, and with full-nat something else in place of its backend's.
template <typename Entry>
IpAddress backend_of(const Generation& generation, const Entry& entry) noexcept {
  if (entry.method == ForwardingMethod::nat || entry.method == ForwardingMethod::l2_dsr) return entry.backend;
  return (*generation.backends)[index(entry.backend_slot)].address;
}

template <typename Entry>
SyncRecord record_of(const Generation& generation, ConnTable<Entry>& table, Entry& entry, Operation operation, GroupId group,
                     std::uint32_t heard_seconds = 0) noexcept {
  const ConnDetail& detail = table.detail(entry);
  const bool owes = detail.tells != ClientAddress::none && entry.owes_address();
  return {.operation = operation,
          .state = entry.state,
          .protocol = entry.protocol,
          .seen = detail.seen,
          .flags = static_cast<std::uint16_t>((entry.flags & kConnOnWire) | record_flags_of(detail.tells, owes)),
          .client = entry.client,
          .vip = entry.vip,
          .backend = backend_of(generation, entry),
          .client_port = entry.client_port.host(),
          .vip_port = entry.vip_port.host(),
          .backend_port = entry.backend_port.host(),
          .source_port = detail.source_port.host(),
          .pool_index = detail.source_pool,
          .idle_timeout_seconds = detail.idle_timeout,
          .term = static_cast<std::uint16_t>(detail.order.term),
          .incarnation = detail.order.incarnation,
          .heard_seconds = heard_seconds,
          .handle = table.handle(entry),
          .group = group,
          .first_byte = owes ? detail.first_byte : 0};
}

}  // namespace tandem
