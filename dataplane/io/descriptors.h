// SPDX-License-Identifier: Apache-2.0
// Finds, among this process's own descriptors, what a DPDK driver opened and does not tell: needs no privilege, where asking
// the kernel by id needs CAP_SYS_ADMIN. Compare a list from before a driver's set-up with one from after it.
// Threads: control threads, and none may open such things meanwhile.
#pragma once

#include <vector>

namespace tandem {

std::vector<int> bpf_map_descriptors();
std::vector<int> packet_sockets();  // AF_PACKET
std::vector<int> xdp_sockets();     // AF_XDP
std::vector<int> added_since(const std::vector<int>& before, const std::vector<int>& after);

}  // namespace tandem
