// SPDX-License-Identifier: Apache-2.0
// The schedule that a service had before today's, for as long as connections of its time may come without an entry (design.md,
// Schedulers: 15 minutes). Threads: immutable in a generation.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "common/base/ids.h"

namespace tandem {

class Schedule;  // dataplane/lb/schedule.h

inline constexpr std::chrono::minutes kFormerScheduleKept{15};

struct FormerSchedule {
  std::shared_ptr<const Schedule> schedule;
  std::vector<BackendSlot> members;  // slot of each of its members; kNoBackend: it forwards no more
};

}  // namespace tandem
