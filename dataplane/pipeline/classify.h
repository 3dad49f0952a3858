// SPDX-License-Identifier: Apache-2.0
// The first pass: reads the headers and sorts packets of services into the lanes by family and direction. Whatever is not
// TCP or UDP of a service gets its verdict here: answered, punted or dropped by name.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

void classify(const Pass& pass) noexcept;

// TCP or UDP for one of our MACs: VIP first, reply of a nat backend second, the node third.
void sort_transport(const Pass& pass, Packet& packet) noexcept;

}  // namespace tandem
