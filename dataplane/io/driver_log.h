// SPDX-License-Identifier: Apache-2.0
// What DPDK and libbpf have to say: to stderr from level warning, and the last lines kept, because a driver's return code
// (-22 for everything) tells the operator nothing and its log line tells the cause.
// Threads: control threads; lines of other threads may come in between.
#pragma once

#include <string>

namespace tandem {

void route_driver_logs();         // once, before EAL starts
void forget_driver_lines();       // before a step whose failure shall be explained
std::string last_driver_lines();  // "; "-joined, bounded; empty when nothing was said

// "error (driver's words)"
std::string with_driver_lines(const std::string& error);

}  // namespace tandem
