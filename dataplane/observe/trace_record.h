// SPDX-License-Identifier: Apache-2.0
// One packet's way through a worker: what it was, which pass decided about it, and how. A fixed size, copied.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/conn/explained.h"

namespace tandem {

// The passes, in their order (pipeline/pipeline.h).
enum class TraceStage : std::uint8_t { classify, find, rewrite, choose, fragments, count_ };
inline constexpr std::size_t kTraceStages = static_cast<std::size_t>(TraceStage::count_);
inline constexpr std::array<std::string_view, kTraceStages> kTraceStageNames{"classify", "find", "rewrite", "choose", "fragments"};

// What the headers announced; of packet/packet.h's kinds, those that an operator tells apart.
enum class TraceKind : std::uint8_t { tcp, udp, icmp, fragment, other_ip, arp, other, malformed };
inline constexpr std::array<std::string_view, 8> kTraceKindNames{"tcp", "udp", "icmp", "fragment", "ip", "arp", "other", "malformed"};

struct TraceRecord {
  std::int64_t time_ns = 0;  // of the burst, on the workers' clock
  std::uint32_t frame_bytes = 0;
  WorkerId worker{};
  PortId port{};
  bool handed_over = false;  // another worker had received it
  TraceKind kind = TraceKind::other;
  std::uint8_t tcp_flags = 0;
  FlowRole role = FlowRole::node;
  Endpoint source, target;                  // as it came
  MetEntry met, made;                       // its connection before and after
  TraceStage stage = TraceStage::classify;  // that decided
  FlowFate fate = FlowFate::dropped;
  DropReason reason = DropReason::count_;
  PuntClass punt_class{};
  PortId out{};
  WorkerId owner{};                   // handed over to
  Endpoint left_source, left_target;  // as it left: the outermost header
};

}  // namespace tandem
