// SPDX-License-Identifier: Apache-2.0
// Traffic that is not only steady packets of equally busy flows, each held in turns against that: few flows with most of the packets, a
// tenth new connections, datagrams in fragments, a SYN flood or a deny list beside.
#pragma once

#include "tests/bench/pipeline_cases.h"

namespace tandem::bench {

// In a world with `live` established connections of nat, IPv4.
void measure_zipf(PipelineWorld& world, const Trial& trial);
void measure_newcomers(PipelineWorld& world, const Trial& trial);
void measure_fragments(PipelineWorld& world, const Trial& trial);

// These make worlds of their own, one with a flood or a deny list of a million prefixes, one without.
void measure_flood(const Trial& trial);
void measure_deny_list(const Trial& trial);

}  // namespace tandem::bench
