// SPDX-License-Identifier: Apache-2.0
// The kernel twins' part of the dataplane's face (dataplane.h): punted frames out of the workers' rings, frames of the kernel into them.
// Threads: take_twin_frames() is one control thread's, the bell's; push_twin_frame() is any's.
#pragma once

#include "dataplane/pair_face.h"

namespace tandem {

void take_twin_frames(Workers workers, Bell& bell, const std::function<void(const TwinFrame&)>& handle);

// By a worker that can send there. False: no buffer, or no room.
bool push_twin_frame(Worker& worker, rte_mempool* pool, const TwinFrame& frame);

}  // namespace tandem
