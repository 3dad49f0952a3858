// SPDX-License-Identifier: Apache-2.0
#include "dataplane/guard/judge_limits.h"

namespace tandem {

// The meter is the service, at whichever of its addresses the client came.
bool LimitJudge::source_may(const ServiceMeter& meter, const IpAddress& client, std::uint32_t limit, LimitKind kind) const noexcept {
  if (limit == 0 || sources == nullptr) return true;
  std::array<std::uint64_t, 3> words{};
  std::memcpy(words.data(), client.bytes.data(), client.bytes.size());
  words[2] = reinterpret_cast<std::uintptr_t>(&meter) | static_cast<std::uint64_t>(kind);  // which is aligned to a line
  return sources->take(siphash13_words(generation.keys.schedule, words), limit, now);
}

LimitKind LimitJudge::judge(ServiceId id, const IpAddress& client, std::uint32_t Limits::*of_source, LimitKind source_kind,
                            LimitKind kind) const noexcept {
  const ServiceView& service = (*generation.services)[index(id)];
  if (service.meter == nullptr) return LimitKind::count_;
  ServiceMeter& meter = *service.meter;
  const bool connection = kind == LimitKind::connections;
  const std::uint32_t limit = connection ? service.limits.connections_cps : service.limits.packets_pps;
  LimitKind refused = LimitKind::count_;
  if (!source_may(meter, client, service.limits.*of_source, source_kind)) refused = source_kind;
  else if (limit != 0 && !(connection ? meter.take_connection(limit, now) : meter.take_packet(worker, limit, now))) refused = kind;
  if (refused != LimitKind::count_) meter.count_refused(worker, refused);
  return refused;
}

}  // namespace tandem
