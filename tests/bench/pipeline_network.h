// SPDX-License-Identifier: Apache-2.0
// The network of the pipeline's benchmarks: a service of each kind (pipeline_pattern.h) at a VIP of its own, ten servers of both
// families, pool addresses.
#pragma once

#include <string>

#include "tests/bench/pipeline_pattern.h"
#include "tests/support/world.h"

namespace tandem::bench {

inline constexpr const char *kGroupMac4 = "00:00:5e:00:01:0a", *kGroupMac6 = "00:00:5e:00:02:0a";

test::World pipeline_network(std::size_t pools);  // of each family

std::string vip_of(const ServiceKind& kind);
IpAddress client_of(Family family, const Flow& flow);

// The headers of a packet of the first flow; its own fields are written over for each packet.
test::Bytes frame_of(const Pattern& pattern);

}  // namespace tandem::bench
