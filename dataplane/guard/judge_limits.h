// SPDX-License-Identifier: Apache-2.0
// Whether a service's limits let a new connection, or one more packet of a client, pass. The service's own limit is asked last, so
// that whom his own limit stops uses nothing of the others' share.
#pragma once

#include "common/net/siphash.h"
#include "dataplane/guard/source_meter.h"
#include "dataplane/model/generation.h"
#include "dataplane/model/service_meter.h"

namespace tandem {

struct LimitJudge {
  const Generation& generation;
  SourceMeter* sources;  // null: sources are not limited
  WorkerId worker;
  Instant now;

  // count_: it may pass. What is refused is counted at the service.
  LimitKind refuses_connection(ServiceId id, const IpAddress& client) const noexcept {
    return judge(id, client, &Limits::source_connections_cps, LimitKind::source_connections, LimitKind::connections);
  }
  LimitKind refuses_packet(ServiceId id, const IpAddress& client) const noexcept {
    return judge(id, client, &Limits::source_packets_pps, LimitKind::source_packets, LimitKind::packets);
  }

 private:
  LimitKind judge(ServiceId id, const IpAddress& client, std::uint32_t Limits::*of_source, LimitKind source_kind,
                  LimitKind kind) const noexcept;
  bool source_may(const ServiceMeter& meter, const IpAddress& client, std::uint32_t limit, LimitKind kind) const noexcept;
};

constexpr DropReason drop_reason_of(LimitKind kind) noexcept {
  constexpr std::array kReasons{DropReason::connections_limited, DropReason::packets_limited, DropReason::source_connections_limited,
                                DropReason::source_packets_limited};
  return kReasons[static_cast<std::size_t>(kind)];
}

}  // namespace tandem
