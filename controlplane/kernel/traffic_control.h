// SPDX-License-Identifier: Apache-2.0
// What stands on an interface's clsact: asked before anything is put there or taken away, so that nobody else's is touched.
// Threads: any, one socket a call; the network namespace is the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace tandem {

struct TcFilter {
  std::string kind;     // "bpf", "flower", …
  std::string program;  // of a bpf filter: the name it was given, "hide_vips:[17]"
  std::uint32_t handle = 0;
  std::uint32_t priority = 0;
};

enum class TcSide : std::uint8_t { ingress, egress };

Result<bool> has_clsact(int interface_index);  // or the older ingress qdisc, which takes filters as well
Result<std::vector<TcFilter>> filters_on(int interface_index, TcSide side);

}  // namespace tandem
