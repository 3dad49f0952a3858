// SPDX-License-Identifier: Apache-2.0
// A packet from a client that needs a decision: its service, whose backends it may have, and its hash, worked out for the whole slow
// batch before the first is decided, so that the schedule's two cold lines (Schedule::prefetch) are on their way.
#pragma once

#include "dataplane/lb/flow_hash.h"
#include "dataplane/lb/pick.h"
#include "dataplane/lb/quic_servers.h"
#include "dataplane/packet/quic.h"
#include "dataplane/pipeline/packet_key.h"
#include "dataplane/pipeline/pass.h"

namespace tandem {

template <typename Entry>
struct Newcomer {
  Packet* packet;
  const ServiceView* service;  // that it came to: times, order and group are this one's
  const ServiceView* lender;   // whose backends: the service itself, or its fallback
  ServiceId id;
  std::uint64_t schedule_hash;  // as the lender's scheduler wants it
  typename Entry::Key key;
  BackendSlot named = kNoBackend;  // the one that made the datagram's connection id, when it may still have it

  bool is_lent() const noexcept { return lender != service; }
};

// One step, whether the fallback has a backend or not: chains are refused in the configuration.
inline const ServiceView& lender_of(const Generation& generation, const ServiceView& service) noexcept {
  if (service.live->count() > 0 || service.fallback == kNoService) return service;
  return (*generation.services)[index(service.fallback)];
}

// For source-hash the client's address alone decides.
template <typename Entry>
std::uint64_t schedule_hash_of(const Generation& generation, const Schedule& schedule, const typename Entry::Key& key) noexcept {
  const SipKey& secret = generation.keys.schedule;
  if (schedule.options().kind == SchedulerKind::source_hash) return source_hash(secret, IpAddress{key.client.address});
  return schedule_hash(secret, key.client.address, key.client.port, key.far, key.far_port, key.client.protocol);
}

// Of a service whose connection ids are looked at. A backend that is lost has lost what its ids name.
inline BackendSlot named_by_id(const Pass& pass, const ServiceView& service, const Packet& packet) noexcept {
  if (service.quic == nullptr) return kNoBackend;
  const std::optional<QuicId> id = read_quic_id(udp_payload(packet));
  const std::optional<BackendSlot> slot = id ? service.quic->find(id->bytes, id->whole) : std::nullopt;
  return slot && pass.backend_views[index(*slot)].fate == Fate::look ? *slot : kNoBackend;
}

}  // namespace tandem
