// SPDX-License-Identifier: Apache-2.0
// `explain`: what would become of a packet, told by the very pipeline, run on a worker's stand-in. Nothing is inserted, counted or
// given a turn. Right for the moment at which the worker looked; turns of others may come in between.
// Threads: one control thread's; allocates.
#pragma once

#include <functional>
#include <span>

#include "dataplane/conn/explained.h"
#include "dataplane/pipeline/glance.h"

struct rte_mbuf;

namespace tandem {

// A buffer with this frame in it; null: none is free.
using MakeBuffer = std::function<rte_mbuf*(std::span<const std::uint8_t> frame)>;

// By what one worker has; ask the one that has the flow's entry (find_glance). Without a buffer the packet is dropped for no_buffer.
ExplainedFlow rehearse(const Generation& generation, const FlowGlance& glance, const MakeBuffer& make_buffer);

// Of all workers' the one that the packet would come to: who has its connection, else the owner by arithmetic.
const FlowGlance& find_glance(const Generation& generation, std::span<const std::unique_ptr<FlowGlance>> by_worker);

}  // namespace tandem
