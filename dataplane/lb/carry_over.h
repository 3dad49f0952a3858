// SPDX-License-Identifier: Apache-2.0
// What a control thread does to a service's turns when it publishes: nobody's past may flood or starve him.
// Threads: one control thread, while workers go on choosing. What they count between here and the moment they see the new
// generation is off by those few connections at most, and not for long: everybody's later steps are compared anew.
#pragma once

#include <memory>

#include "dataplane/lb/live_set.h"
#include "dataplane/lb/schedule.h"
#include "dataplane/lb/turns.h"

namespace tandem {

// Members or weights change. Who stays keeps his turns (a weight alters later steps only) and his slow start; who is new,
// or was not live, starts at the mean; round-robin goes on behind the one it served last.
std::shared_ptr<ServiceTurns> carry_over(const Schedule& before, const LiveSet& live_before, const ServiceTurns& turns,
                                         const Schedule& after, const LiveSet& live_after);

// Only states change. Call just before publishing `after`: who comes back starts at the mean.
void admit(const Schedule& schedule, ServiceTurns& turns, const LiveSet& before, const LiveSet& after) noexcept;

}  // namespace tandem
