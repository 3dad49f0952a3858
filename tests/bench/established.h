// SPDX-License-Identifier: Apache-2.0
// Connections as they stand after a handshake, put straight into a worker's tables: of ten million, packets would make them in minutes.
// Threads: the worker's own, or anybody before it runs.
#pragma once

#include "dataplane/pipeline/context.h"
#include "tests/bench/pipeline_pattern.h"

namespace tandem::bench {

// The connection of this number; full-nat: with the port of own_port(). `context` must name a generation of pipeline_network().
void establish(const WorkerContext& context, const ServiceKind& kind, std::uint64_t number);

TableHash hash_of(const TableHasher& hasher, const ServiceKind& kind, std::uint64_t number);  // of its client end

void end_all(const WorkerContext& context);  // both families

}  // namespace tandem::bench
