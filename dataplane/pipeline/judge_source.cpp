// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/judge_source.h"

#include "dataplane/guard/judge_client.h"
#include "dataplane/guard/judge_limits.h"
#include "dataplane/local/answer.h"
#include "dataplane/local/icmp_echo.h"

namespace tandem {
namespace {

const ServiceView* view_of(const Pass& pass, ServiceId service) noexcept {
  return service == kNoService ? nullptr : &(*pass.generation.services)[index(service)];
}

// What comes from a link-local address no router may forward (RFC 3927 2.7, RFC 4291 2.5.6); an echo is answered on the link.
bool is_unroutable(const Packet& packet, const IpAddress& source) noexcept { return source.is_link_local() && !is_echo_request(packet); }

// Our own address as a client's would take the replies of our health checks for that connection's; an answer to everybody on a
// network multiplies what asked for it.
bool is_forged(const Pass& pass, const Packet& packet, const IpAddress& source) noexcept {
  return is_martian(source) || packet.eth().source.is_multicast() || is_unroutable(packet, source) ||
         is_node_address(pass.generation, source) || is_directed_broadcast(pass.generation, source);
}

bool note_denied(const Pass& pass, DenyList list) noexcept {
  if (list == DenyList::count_) return false;
  pass.counters().denied[static_cast<std::size_t>(list)].add();
  return true;
}

LimitJudge limits(const Pass& pass) noexcept { return {pass.generation, pass.context.sources, pass.context.self, pass.context.now}; }

bool settle(const Pass& pass, Packet& packet, LimitKind refused) noexcept {
  if (refused == LimitKind::count_) return false;
  pass.batch.drop(packet, drop_reason_of(refused));
  return true;
}

}  // namespace

DropReason judge_source(const Pass& pass, const Packet& packet, ServiceId service) noexcept {
  const IpAddress source = packet.source();
  if (pass.generation.index->find_vip(source) != nullptr) return DropReason::source_is_vip;
  if (is_forged(pass, packet, source)) return DropReason::martian_source;
  return note_denied(pass, denied_by(pass.generation, view_of(pass, service), source)) ? DropReason::denied : DropReason::count_;
}

bool is_to_denied(const Pass& pass, const Packet& packet, ServiceId service) noexcept {
  return note_denied(pass, denied_by(pass.generation, view_of(pass, service), packet.target()));
}

bool is_over_limit(const Pass& pass, Packet& packet, ServiceId service) noexcept {
  return settle(pass, packet, limits(pass).refuses_connection(service, packet.source()));
}

bool is_packet_over_limit(const Pass& pass, Packet& packet, ServiceId service) noexcept {
  return settle(pass, packet, limits(pass).refuses_packet(service, packet.source()));
}

}  // namespace tandem
